import { setTimeout as delay } from 'node:timers/promises'
import { runOnce } from 'graphile-worker'
import type { EngineContext } from './engine-context.ts'
import { JOB_SCHEMA, type Lane, workerLogger } from './job-runner.ts'

type Sender = { idle(): Promise<boolean>; sendDue(): Promise<void> }

/**
 * Returns when no job and no delivery is due. Where this process has started workers it waits for them,
 * else it runs the due ones itself.
 */
export async function drainEngine(
  ctx: EngineContext,
  lanes: Lane[],
  outbox: Sender,
  started: boolean,
): Promise<void> {
  do {
    if (started) await delay(20)
    else {
      for (const lane of lanes) await runDue(ctx, lane)
      await outbox.sendDue()
    }
  } while ((await jobsDue(ctx)) || !(await outbox.idle()))
}

async function runDue(ctx: EngineContext, lane: Lane): Promise<void> {
  await ctx.session.start()
  await runOnce({ pgPool: ctx.pool, schema: JOB_SCHEMA, taskList: lane.tasks, logger: workerLogger(ctx.log) })
}

async function jobsDue(ctx: EngineContext): Promise<boolean> {
  // Half a second ahead: a postponed attempt counts as due.
  const { rows } = await ctx.pool.query(
    `select 1 from ${JOB_SCHEMA}.jobs
     where (locked_at is not null or run_at <= now() + interval '600 milliseconds') and attempts < max_attempts limit 1`,
  )
  return rows.length > 0
}
