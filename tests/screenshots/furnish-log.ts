import { mkdtemp, rm } from 'node:fs/promises'
import { freePort, type Stack } from '../support/stack.ts'
import { onDatabase } from '../support/stack-tools.ts'
import { until } from '../support/until.ts'
import { startWitnessProcess, type WitnessProcess, witnessKey } from '../support/witness-process.ts'

/** The portal asks a witness that did not answer again after a while. */
const SIGNS_MS = 120_000
const NAME = 'auditor.example/w1'

export type Witnessing = {
  /** For AUDIT_WITNESSES: one witness that will cosign, one that never answers. */
  setting: string
  /** Starts the first, once the portal can say what its log is called, and waits for its signature. */
  begin(stack: Stack): Promise<void>
  stop(): Promise<void>
}

/** Two witnesses, known by their keys before the portal starts. */
export async function prepareWitnesses(): Promise<Witnessing> {
  const [folder, absent] = [await mkdtemp('/tmp/mm-witness-'), await mkdtemp('/tmp/mm-witness-')]
  const port = await freePort()
  let running: WitnessProcess | undefined
  const entry = async (place: string, name: string, at: number) =>
    `${await witnessKey(place, name)} http://127.0.0.1:${at}`
  return {
    setting: [
      await entry(folder, NAME, port),
      await entry(absent, 'cutting-room.example/w2', await freePort()),
    ].join(','),
    async begin(stack) {
      const answer = await fetch(`${stack.url}/audit/vkeys`)
      const { current } = (await answer.json()) as { current: string[] }
      running = await startWitnessProcess({ logs: current, name: NAME, folder, port })
      await until(
        'a witness has signed',
        async () =>
          onDatabase(stack, async (db) => {
            const { rowCount } = await db.query(`select from audit_witnesses where outcome = 'cosigned'`)
            return rowCount === 1
          }),
        SIGNS_MS,
      )
    },
    async stop() {
      await running?.stop()
      for (const place of [folder, absent]) await rm(place, { recursive: true, force: true })
    },
  }
}

/** Who waits to read the log, a review that is overdue, and two heads that an authority stamped. */
export async function furnishLog(stack: Stack): Promise<void> {
  await onDatabase(stack, async (db) => {
    await db.query(
      `insert into log_grants (id, user_id, origin, reason, hours, asked_at)
       select 'lga_furnished' || row_number() over (), user_id, 'asked',
         'INC-2026-014: who opened the link that was found in a forum, and from which other links did they come?', 8,
         now() - interval '20 minutes'
       from members where role = 'admin' and user_id <> (select user_id from log_grants where origin = 'first') limit 2`,
    )
    await db.query(
      `insert into log_reviews (id, quarter, opened_at, due_at, reminded_at)
       values ('lrv_furnished', '2020-Q1', now() - interval '31 days', now() - interval '1 day', now() - interval '3 days')`,
    )
    await db.query(
      `insert into log_grants (id, user_id, origin, reason, hours, asked_at, decision, decided_by, decided_at, ends_at, closed_at)
       select 'lga_past' || row_number() over (), user_id, 'asked', given.reason, 24, now() - interval '40 days', 'approved',
         (select user_id from log_grants where origin = 'first'), now() - interval '40 days', now() - interval '39 days',
         now() - interval '39 days'
       from (select user_id from members where role = 'admin'
           and user_id <> (select user_id from log_grants where origin = 'first') limit 1) reader,
         (values ('A client asks who has watched their rough cut before the premiere.'),
           ('The insurer asks for evidence of the deletion in September.')) given (reason)`,
    )
    await db.query(
      `insert into log_review_items (review_id, grant_id) select 'lrv_furnished', id from log_grants where decision = 'approved'`,
    )
    await db.query(
      `update log_review_items set decision = 'keep', evidence = 'The ticket CASE-0412, and the client’s letter in it.',
         decided_by = (select user_id from log_grants where origin = 'first'), decided_at = now() - interval '2 hours'
       where grant_id = 'lga_past1'`,
    )
    await db.query(
      `insert into audit_timestamps (size, authority, imprint, response, stamped_at, received_at)
       select size, 'tsa.example.net', sha256(note::bytea), '\\x30', now(), now() from audit_checkpoints order by size desc limit 2`,
    )
  })
}
