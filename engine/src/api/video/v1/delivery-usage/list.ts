import { endpoint } from '#engine/api/endpoint.ts'
import { readPage } from '#engine/api/pagination.ts'
import { readTimeframe } from '#engine/api/timeframe.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { ApiError } from '#engine/platform/errors.ts'
import { deliveryUsageJson, listDeliveryUsage } from '#engine/usage/delivery-usage.ts'

const HOUR_MS = 3_600_000
const KEPT_DAYS = 90

/** GET /video/v1/delivery-usage: seconds delivered by asset and resolution tier, most first. */
export const listUsage = endpoint({
  method: 'GET',
  paths: ['/video/v1/delivery-usage'],
  async run({ ctx, query }) {
    const assetId = query.get('asset_id') || null
    const liveStreamId = query.get('live_stream_id') || null
    if (assetId && liveStreamId) {
      throw new ApiError(400, 'asset_id and live_stream_id can’t be given together')
    }
    const { page, limit, offset } = readPage(query.has('limit') ? query : withLimit(query, 100))
    const { from, to } = windowOf(ctx, query)
    // There are no live streams here, so nothing of theirs was delivered.
    const { rows, total } = liveStreamId
      ? { rows: [], total: 0 }
      : await listDeliveryUsage(ctx.pool, { from, to, assetId, limit, offset })
    return {
      status: 200,
      body: {
        data: rows.map(deliveryUsageJson),
        total_row_count: total,
        timeframe: [from.getTime() / 1000, to.getTime() / 1000],
        page,
        limit,
      },
    }
  },
})

function withLimit(query: URLSearchParams, limit: number): URLSearchParams {
  return new URLSearchParams([...query, ['limit', String(limit)]])
}

/** Mux: within the last 90 days, ending 12 hours ago at the latest; by default the hour that ended then. */
function windowOf(ctx: EngineContext, query: URLSearchParams): { from: Date; to: Date } {
  const delay = ctx.settings.usageDelayHours
  const now = ctx.clock().getTime()
  const given = readTimeframe(query)
  if (!given) {
    const end = Math.floor(now / HOUR_MS) * HOUR_MS - delay * HOUR_MS
    return { from: new Date(end - HOUR_MS), to: new Date(end) }
  }
  if (given.from.getTime() < now - KEPT_DAYS * 24 * HOUR_MS) {
    throw new ApiError(400, `timeframe must lie within the last ${KEPT_DAYS} days`)
  }
  // Without a delay, windows may reach to the end of the hour that runs.
  const latest = delay === 0 ? now + HOUR_MS : now - delay * HOUR_MS
  if (given.to.getTime() > latest) {
    throw new ApiError(400, `timeframe must end at least ${delay} hours ago`)
  }
  return given
}
