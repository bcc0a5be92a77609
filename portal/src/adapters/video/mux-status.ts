import { z } from 'zod'
import { AppError } from '#portal/platform/errors.ts'
import { createOutbound } from '#portal/platform/outbound.ts'
import { createOutsideFetch } from '#portal/platform/outside-fetch.ts'
import type { ServiceNotice } from './port.ts'

/** Mux's status page, as Statuspage tells of it to programs. */
export const MUX_STATUS_URL = 'https://status.mux.com/api/v2/summary.json'

const summary = z.looseObject({
  status: z.looseObject({ indicator: z.string(), description: z.string() }),
  incidents: z.array(z.looseObject({ id: z.string(), name: z.string(), impact: z.string() })),
})

const LONGEST = 200

/**
 * What the service itself says of how it is.
 * @throws AppError unavailable where the page does not answer, invalid where it is no such page any more
 */
export function createStatusReader(url: string, deadlineMs = 8000): () => Promise<ServiceNotice> {
  const outbound = createOutbound({ name: 'The video service’s status page', deadlineMs })
  const ask = createOutsideFetch({ named: [url] })
  return () =>
    outbound(async (signal) => {
      const answer = await ask(url, { signal, headers: { accept: 'application/json' } })
      if (!answer.ok) throw new Error(`HTTP ${answer.status}`)
      const read = summary.safeParse(await answer.json().catch(() => null))
      if (!read.success)
        throw new AppError('invalid', 'The video service’s status page is not of the documented shape.')
      const { status, incidents } = read.data
      return {
        well: status.indicator === 'none' && incidents.length === 0,
        grave: [status.indicator, ...incidents.map(({ impact }) => impact)].some((impact) =>
          ['major', 'critical'].includes(impact),
        ),
        says: [status.description, ...incidents.map(({ name }) => name)].join('; ').slice(0, LONGEST),
        incidents: incidents.length,
      }
    })
}
