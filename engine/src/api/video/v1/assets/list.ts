import { endpoint } from '#engine/api/endpoint.ts'
import { readCursor, readPage, writeCursor } from '#engine/api/pagination.ts'
import { assetJson } from '#engine/assets/asset-json.ts'
import { loadAssets } from '#engine/assets/asset-record.ts'

/** GET /video/v1/assets: newest first, by `cursor` (or `page`); `next_cursor` is null at the end. */
export const listAssets = endpoint({
  method: 'GET',
  paths: ['/video/v1/assets'],
  async run({ ctx, query }) {
    const { limit, offset } = readPage(query)
    const cursor = readCursor(query)
    // There are no live streams here, so none of their recordings either.
    if (query.get('live_stream_id')) return { status: 200, body: { data: [], next_cursor: null } }
    const { rows } = await ctx.pool.query<{ id: string; created_at: Date }>(
      `select id, date_trunc('milliseconds', created_at) as created_at from engine.assets
       where deleted_at is null and ($1::text is null or upload_id = $1)
         and ($2::timestamptz is null or (created_at, id) < ($2, $3))
       order by created_at desc, id desc limit $4 offset $5`,
      [
        query.get('upload_id') || null,
        cursor?.createdAt ?? null,
        cursor?.id ?? null,
        limit + 1,
        cursor ? 0 : offset,
      ],
    )
    const page = rows.slice(0, limit)
    const last = page.at(-1)
    const assets = await loadAssets(
      ctx.pool,
      page.map(({ id }) => id),
    )
    return {
      status: 200,
      body: {
        data: assets.map((asset) => assetJson(asset, 'string')),
        next_cursor: rows.length > limit && last ? writeCursor(last) : null,
      },
    }
  },
})
