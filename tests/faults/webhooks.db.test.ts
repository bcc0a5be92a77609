import { expect, it } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { runWebhookFaults } from './webhooks.ts'

// Processes are started and killed: on a busy machine each start alone takes long, so that no deadline is short.
it('[MUX-03] loses nothing and applies nothing twice, whatever provider, database and processes do', async () => {
  const database = await createTestDatabase('portal')
  try {
    const said: string[] = []
    const options = { uploads: 48, seed: 7, say: (line: string) => void said.push(line) }
    const report = await runWebhookFaults({ ...options, database })
    expect(report, [...said, ...report.findings].join('\n')).toMatchObject({
      ...{ lost: 0, doubled: 0, stuck: 0, orphans: 0, runs: 48, ok: true },
      deadLetters: { unplanned: 0, leftAfterReplay: 0 },
      storm: { kills: 2, 'processes that ended by themselves': 0, 'replays taken': 0 },
    })
  } finally {
    await database.close()
  }
}, 900_000)
