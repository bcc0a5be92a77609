import { endpoint, ok } from '#engine/api/endpoint.ts'
import { readPage } from '#engine/api/pagination.ts'
import { type UploadRow, uploadJson } from '#engine/uploads/upload-record.ts'

/** GET /video/v1/uploads: newest first; a page past the end is empty, which is where the SDK stops. */
export const listUploads = endpoint({
  method: 'GET',
  paths: ['/video/v1/uploads'],
  async run({ ctx, query }) {
    const { limit, offset } = readPage(query)
    const { rows } = await ctx.pool.query<UploadRow>(
      'select * from engine.uploads order by created_at desc, id desc limit $1 offset $2',
      [limit, offset],
    )
    return ok(rows.map((row) => uploadJson(row, ctx.settings)))
  },
})
