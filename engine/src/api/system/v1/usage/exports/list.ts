import { endpoint } from '#engine/api/endpoint.ts'
import { readPage } from '#engine/api/pagination.ts'
import { readTimeframeOrDuration } from '#engine/api/timeframe.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { ApiError } from '#engine/platform/errors.ts'
import { exportUrl } from '#engine/usage/export-download.ts'
import { DAY_MS, dayOf, type ExportRow, exportDays, findExports } from '#engine/usage/usage-exports.ts'

const LONGEST_TTL = 604_800
const DISABLED = 'Usage CSV export is not enabled: set ENGINE_USAGE_EXPORTS=on.'
const NONE = 'No usage CSVs found for the requested timeframe.'
const GENERATING = 'One or more usage CSVs of the requested timeframe are being generated. Try again shortly.'

/** GET /system/v1/usage/exports: a CSV for each day (UTC) up to yesterday, newest first, with links that expire. */
export const listUsageExports = endpoint({
  method: 'GET',
  paths: ['/system/v1/usage/exports'],
  async run({ ctx, query }) {
    if (!ctx.settings.usageExports) throw new ApiError(403, DISABLED)
    const { page, limit, offset } = readPage(query)
    const expires = Math.floor(ctx.clock().getTime() / 1000) + readTtl(query)
    const found = await exportsFor(ctx, query)
    return {
      status: 200,
      body: {
        data: found.slice(offset, offset + limit).map(({ day, bytes }) => ({
          date: day,
          file_size: bytes,
          download_url: exportUrl(ctx, day, expires),
          download_url_expires_at: expires,
        })),
        meta: { page, pages: Math.ceil(found.length / limit), limit, total: found.length },
      },
    }
  },
})

function readTtl(query: URLSearchParams): number {
  const text = query.get('download_url_ttl') || '3600'
  if (!/^\d{1,6}$/.test(text) || Number(text) < 1 || Number(text) > LONGEST_TTL) {
    throw new ApiError(400, `download_url_ttl must be between 1 and ${LONGEST_TTL} seconds`)
  }
  return Number(text)
}

/** With a timeframe all of its days must be there (412 while they are made, 404 if there are none). */
async function exportsFor(ctx: EngineContext, query: URLSearchParams): Promise<ExportRow[]> {
  const now = ctx.clock()
  const timeframe = readTimeframeOrDuration(query, now)
  const days = await exportDays(ctx.pool, now)
  if (!timeframe) return days ? findExports(ctx.pool, days.first, days.last) : []
  const from = dayOf(timeframe.from)
  const to = dayOf(new Date(timeframe.to.getTime() - 1))
  if (!days || from > days.last || to < days.first) throw new ApiError(404, NONE)
  const first = from > days.first ? from : days.first
  const last = to < days.last ? to : days.last
  const found = await findExports(ctx.pool, first, last)
  const wanted = Math.round((Date.parse(last) - Date.parse(first)) / DAY_MS) + 1
  if (found.length < wanted || found.some(({ stale }) => stale)) throw new ApiError(412, GENERATING)
  return found
}
