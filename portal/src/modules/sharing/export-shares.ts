import { z } from 'zod'
import type { App } from '#portal/platform/app.ts'
import type { Context } from '#portal/platform/context.ts'
import { csvLine } from '#portal/platform/csv.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import type { ShareView } from './answers.ts'
import { shareFilterInput } from './inputs.ts'
import { adminQuest, orderOf } from './queries.ts'
import { findSharePage } from './share-pages.ts'
import { shareViewsOf } from './share-view.ts'

/** Most rows of one export; its last line says so where there are more. */
export const MOST_EXPORTED = 100_000
const ROWS_AT_ONCE = 500

export const exportSharesInput = shareFilterInput.extend({ format: z.enum(['csv', 'json']).default('csv') })

const recordExport = verb({
  action: 'share.export',
  input: exportSharesInput,
  allow: { role: 'admin' },
  async run({ input: { format, q, ...filter } }) {
    const filters = Object.entries(filter).flatMap(([key, value]) =>
      value === undefined ? [] : `${key}=${value}`,
    )
    // Search words may be a person's name: that there were some is enough.
    const details = { format, filters, searched: q !== undefined }
    return { result: null, change: { target: { type: 'share_list', id: 'share_list' }, details } }
  },
})

/** The list as CSV or JSON Lines, row by row: states and IDs, and of people no more than the owner's organisation. */
export const exportShares = flow({
  action: 'share.export',
  input: exportSharesInput,
  allow: { role: 'admin' },
  async run({ app, input, ctx }): Promise<AsyncGenerator<string>> {
    await app.call(recordExport, input, ctx)
    return lines(app, ctx, input)
  },
})

async function* lines(
  app: App,
  ctx: Context,
  input: z.output<typeof exportSharesInput>,
): AsyncGenerator<string> {
  const { format } = input
  if (format === 'csv') yield csvLine(Object.keys(COLUMNS))
  let cursor: string | undefined
  for (let rows = 0; rows < MOST_EXPORTED; rows += ROWS_AT_ONCE) {
    const { views, next } = await app.db.transaction(
      async (tx) => {
        const quest = await adminQuest(tx, input, ctx.now)
        const page = quest && (await findSharePage(tx, quest, orderOf(input), cursor, ROWS_AT_ONCE))
        return {
          views: await shareViewsOf(tx, ctx.now, page?.ids ?? []),
          next: page?.nextCursor ?? undefined,
        }
      },
      { accessMode: 'read only' },
    )
    for (const view of views) yield rowOf(view, format)
    cursor = next
    if (!cursor) return
  }
  const rest = `cut off after ${MOST_EXPORTED} shares; narrow the filters for the rest`
  yield format === 'csv' ? csvLine([rest]) : `${JSON.stringify({ note: rest })}\n`
}

const COLUMNS = {
  id: 'id',
  status: 'status',
  access: 'access',
  organisation_id: 'organisationId',
  organisation: 'organisationName',
  video_id: 'videoId',
  region: 'region',
  created_at: 'createdAt',
  starts_at: 'startsAt',
  expires_at: 'expiresAt',
  last_used_at: 'lastUsedAt',
  views_used: 'viewsUsed',
  max_views: 'maxViews',
  revoked_at: 'revokedAt',
  revoke_reason: 'revokeReason',
} as const satisfies Record<string, keyof ShareView>

function rowOf(view: ShareView, format: 'csv' | 'json'): string {
  const cells = Object.entries(COLUMNS).map(([name, key]) => [name, view[key]] as const)
  return format === 'csv'
    ? csvLine(cells.map(([, value]) => String(value ?? '')))
    : `${JSON.stringify(Object.fromEntries(cells))}\n`
}
