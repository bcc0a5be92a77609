import pino from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createTestDatabase } from '../../../../tests/support/database.ts'
import type { AlertsPort } from './port.ts'
import { createAlerts } from './table.ts'

type Line = { level: number; msg: string; alert?: string }

describe('alerts in log and database', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>
  let alerts: AlertsPort
  const lines: Line[] = []
  const log = pino({ level: 'trace' }, { write: (line: string) => void lines.push(JSON.parse(line) as Line) })
  beforeAll(async () => {
    database = await createTestDatabase('portal')
    alerts = createAlerts({ pool: database.pool, log, clock: () => new Date(), channels: ['pagerduty'] })
  })
  afterAll(() => database.close())

  const rows = async (key: string) =>
    (await database.pool.query('select * from alerts where key = $1 order by id', [key])).rows

  it('tells of one cause once, and counts how often it came', async () => {
    const alert = { key: 'webhook.signature', severity: 'critical' as const, summary: 'Webhooks are forged' }
    await Promise.all(Array.from({ length: 5 }, (_, n) => alerts.raise({ ...alert, details: { n } })))
    expect(await rows(alert.key)).toMatchObject([{ count: 5, severity: 'critical', resolved_at: null }])
    expect(lines.filter((line) => line.alert === alert.key)).toMatchObject([
      { level: 50, msg: alert.summary },
    ])
  })

  it('opens a new one after the old one was resolved', async () => {
    const alert = { key: 'mail.send:smtp', severity: 'warning' as const, summary: 'A mail was given up' }
    await alerts.raise(alert)
    await alerts.resolve(alert.key)
    await alerts.resolve(alert.key)
    await alerts.raise(alert)
    expect(await rows(alert.key)).toMatchObject([
      { count: 1, resolved_at: expect.any(Date) },
      { resolved_at: null },
    ])
  })

  it('is in the log even where the database fails', async () => {
    const broken = createAlerts({
      pool: { query: () => Promise.reject(new Error('gone')) } as never,
      log,
      clock: () => new Date(),
      channels: [],
    })
    await broken.raise({ key: 'k', severity: 'info', summary: 'Something happened' })
    await broken.resolve('k')
    expect(lines.some((line) => line.msg === 'Something happened (alert not stored)')).toBe(true)
  })
})
