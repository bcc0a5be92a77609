import { assetJson } from '#engine/assets/asset-json.ts'
import { findAsset } from '#engine/assets/asset-record.ts'
import { deleteAsset } from '#engine/assets/delete-asset.ts'
import { CliError, type Noun, table, wholeNumber } from './command.ts'

const STATUSES = ['preparing', 'ready', 'errored']

export const assets: Noun = {
  name: 'assets',
  verbs: {
    list: {
      summary: 'newest first',
      options: { status: { type: 'string' }, limit: { type: 'string' } },
      async run({ values, open }) {
        const status = values.status ?? null
        if (status !== null && !STATUSES.includes(String(status)))
          throw new CliError(`--status is one of ${STATUSES.join(', ')}.`, 64)
        const { ctx } = await open()
        const { rows } = await ctx.pool.query(
          `select id, status, progress_state, progress_percent, duration_seconds, resolution_tier, created_at,
             errors->'messages'->>0 as error from engine.assets
           where deleted_at is null and ($1::text is null or status = $1) order by created_at desc, id limit $2`,
          [status, wholeNumber(values, 'limit', 50)],
        )
        return {
          data: rows,
          text: table(
            ['ID', 'STATUS', 'PROGRESS', 'SECONDS', 'TIER', 'CREATED', 'ERROR'],
            rows.map((row) => [
              row.id,
              row.status,
              `${row.progress_state} ${Math.round(row.progress_percent)} %`,
              row.duration_seconds?.toFixed(1),
              row.resolution_tier,
              row.created_at.toISOString().slice(0, 19),
              row.error?.slice(0, 60),
            ]),
          ),
        }
      },
    },
    show: {
      args: '<asset>',
      summary: 'as the API answers it, with its renditions and jobs',
      async run({ args, open }) {
        const { ctx } = await open()
        const asset = await findAsset(ctx.pool, args[0]!)
        if (!asset) throw new CliError('There is no such asset.')
        const { rows: renditions } = await ctx.pool.query(
          `select name, kind, status, width, height, codecs, bandwidth, average_bandwidth, folder,
             jsonb_array_length(segments) as segments,
             (select sum((each->>1)::bigint)::bigint from jsonb_array_elements(segments) as each) as bytes
           from engine.renditions where asset_id = $1 order by created_at, name`,
          [asset.id],
        )
        const { rows: jobs } = await ctx.pool.query(
          `select task_identifier as task, attempts, run_at, locked_at is not null as running, last_error
           from engine_worker.jobs where key like '%:' || $1 order by run_at`,
          [asset.id],
        )
        const data = { ...assetJson(asset, 'string'), renditions, jobs }
        return { data, text: JSON.stringify(data, null, 2) }
      },
    },
    delete: {
      args: '<asset>',
      summary: 'gone at once for everybody; a worker removes its bytes',
      async run({ args, open }) {
        const { ctx } = await open()
        if (!(await deleteAsset(ctx, args[0]!))) throw new CliError('There is no such asset.')
        return { data: { deleted: args[0] }, text: `deleted ${args[0]}` }
      },
    },
  },
}
