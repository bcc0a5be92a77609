import { RerunRefusal, rerunIngest } from '#engine/assets/rerun-ingest.ts'
import { CliError, type Noun, table, wholeNumber } from './command.ts'

export const jobs: Noun = {
  name: 'jobs',
  verbs: {
    list: {
      summary: 'what waits, runs or was given up (--failed: only the last)',
      options: { failed: { type: 'boolean' }, limit: { type: 'string' } },
      async run({ values, open }) {
        const { ctx } = await open()
        const { rows } = await ctx.pool.query(
          `select id, task_identifier as task, key, attempts, max_attempts, run_at, last_error,
             case when locked_at is not null then 'running' when attempts >= max_attempts then 'failed'
               when run_at > now() then 'later' else 'waiting' end as state
           from engine_worker.jobs where not $1 or (attempts >= max_attempts and locked_at is null)
           order by run_at limit $2`,
          [values.failed === true, wholeNumber(values, 'limit', 100)],
        )
        return {
          data: rows,
          text: table(
            ['STATE', 'TASK', 'FOR', 'ATTEMPTS', 'RUNS AT', 'LAST ERROR'],
            rows.map((row) => [
              row.state,
              row.task,
              row.key?.split(':')[1],
              row.attempts,
              row.run_at.toISOString().slice(0, 19),
              row.last_error?.split('\n')[0].slice(0, 60),
            ]),
          ),
        }
      },
    },
    rerun: {
      args: '<asset>',
      summary: 'an ingest that failed or waits; never beside a running one',
      async run({ args, open }) {
        const { ctx, running, stores } = await open()
        const { storage, sources } = await stores()
        try {
          const task = await rerunIngest({ ctx, storage, sources, running }, args[0]!)
          return { data: { asset: args[0], task }, text: `queued ${task} of ${args[0]}` }
        } catch (error) {
          throw error instanceof RerunRefusal ? new CliError(error.message) : error
        }
      },
    },
  },
}
