import { expect, it } from 'vitest'
import { createTestDatabase } from '../support/database.ts'
import { runWebhookFaults } from './webhooks.ts'

it('[MUX-03] loses nothing and applies nothing twice, whatever provider, database and processes do', async () => {
  const database = await createTestDatabase('portal')
  try {
    const said: string[] = []
    const options = { uploads: 60, seed: 7, say: (line: string) => void said.push(line) }
    const report = await runWebhookFaults({ ...options, database })
    expect(report, [...said, ...report.findings].join('\n')).toMatchObject({
      ...{ lost: 0, doubled: 0, stuck: 0, orphans: 0, runs: 60, ok: true },
      deadLetters: { unplanned: 0, leftAfterReplay: 0 },
    })
    expect(report.checked['events put in']).toBeGreaterThan(0)
    expect(report.storm).toMatchObject({ kills: 2 })
  } finally {
    await database.close()
  }
}, 600_000)
