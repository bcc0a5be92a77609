import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type PagerDutyServer, startPagerDuty } from '../../../../tests/support/pagerduty-server.ts'
import { runJobs } from '../../../../tests/support/run-jobs.ts'
import { type SlackServer, startSlack } from '../../../../tests/support/slack-server.ts'
import { startSmtpServer } from '../../../../tests/support/smtp-server.ts'
import { createTestApp, type TestApp } from '../../../../tests/support/test-app.ts'
import { deliver } from './deliver-alert.ts'
import { listAlertChannels, listAlerts } from './list-alerts.ts'
import { acknowledgeAlert, resolveAlert } from './settle-alert.ts'
import { testChannels } from './test-channels.ts'

const ROUTING_KEY = 'e93facc04764012d7bfb002500d5d1a6'
const LAST_TRY = 8

let t: TestApp
let pagerDuty: PagerDutyServer
let slack: SlackServer
let smtp: Awaited<ReturnType<typeof startSmtpServer>>
beforeAll(async () => {
  ;[pagerDuty, slack, smtp] = await Promise.all([startPagerDuty(), startSlack(), startSmtpServer()])
  t = await createTestApp({
    PAGERDUTY_ROUTING_KEY: ROUTING_KEY,
    PAGERDUTY_BASE_URL: pagerDuty.origin,
    SLACK_WEBHOOK_URL: slack.webhookUrl,
    ALERT_EMAIL: 'on-call@example.com',
    SMTP_URL: smtp.url,
  })
})
afterAll(async () => {
  await t?.stop()
  await Promise.all([pagerDuty.stop(), slack.stop(), smtp.stop()])
})
beforeEach(() => {
  for (const server of [pagerDuty, slack, smtp]) {
    server.behave('take')
    server.received.length = 0
  }
})

const ALERT = { key: 'dead_letters.depth', severity: 'critical' as const, summary: 'Ten events wait.' }
const asOperations = async () => t.app.newContext(await t.person('admin', { groups: ['operations'] }))
const waiting = async (): Promise<{ id: number; channel: string }[]> =>
  (
    await t.app.pool.query(
      `select id::int, channel from alert_deliveries where status = 'waiting' order by id`,
    )
  ).rows

describe('alerts', () => {
  it('[OPS-01] about an outside service lead to its part of the vendor runbook, in the portal and on each channel', async () => {
    await t.app.ports.alerts.raise({ ...ALERT, key: 'mail.send:smtp', severity: 'warning' })
    await t.app.ports.alerts.raise({ ...ALERT, key: 'drill.due:2026-10', severity: 'warning' })
    await runJobs(t)
    const runbook = `${t.app.settings.PUBLIC_URL}/admin/alerts/runbook#mail`
    const texts = slack.received.map((message) => JSON.stringify(message))
    expect(texts.filter((text) => text.includes(runbook))).toHaveLength(1)
    expect(pagerDuty.received[0]).toMatchObject({ payload: { custom_details: { runbook } } })
    const { items } = await t.app.call(listAlerts, { state: 'open' }, await asOperations())
    expect(items.map((alert) => [alert.key, alert.runbook?.path ?? null])).toEqual([
      ['drill.due:2026-10', null],
      ['mail.send:smtp', '/admin/alerts/runbook#mail'],
    ])
    for (const { key } of items) await t.app.ports.alerts.resolve(key)
    await runJobs(t)
  })

  it('reach PagerDuty, Slack and mail, once a cause, and are resolved there when it clears [MUX-04]', async () => {
    for (let n = 0; n < 3; n += 1) await t.app.ports.alerts.raise({ ...ALERT, details: { depth: 10 + n } })
    await runJobs(t)
    const key = `${new URL(t.app.settings.PUBLIC_URL).host}:dead_letters.depth`
    expect(pagerDuty.received).toMatchObject([
      {
        routing_key: ROUTING_KEY,
        event_action: 'trigger',
        dedup_key: key,
        payload: { summary: ALERT.summary, severity: 'critical', custom_details: { depth: 12 } },
      },
    ])
    expect(slack.received).toMatchObject([{ text: 'Alert (critical): Ten events wait.' }])
    expect(smtp.received).toMatchObject([{ to: ['on-call@example.com'] }])
    expect(smtp.received[0]?.headers.get('subject')).toBe('Alert (critical): Ten events wait.')

    await t.app.ports.alerts.resolve(ALERT.key)
    await t.app.ports.alerts.resolve(ALERT.key)
    await runJobs(t)
    expect(pagerDuty.received.map(({ event_action }) => event_action)).toEqual(['trigger', 'resolve'])
    expect(pagerDuty.open.size).toBe(0)
    expect(slack.received.at(-1)?.text).toBe('Resolved (critical): Ten events wait.')
    expect(smtp.received).toHaveLength(2)
    expect(pagerDuty.faults).toEqual([])
  })

  it('wake nobody for an information', async () => {
    await t.app.ports.alerts.raise({ key: 'a.note', severity: 'info', summary: 'Something is so.' })
    await runJobs(t)
    expect([pagerDuty.received.length, slack.received.length, smtp.received.length]).toEqual([0, 1, 0])
    await t.app.ports.alerts.resolve('a.note')
    await runJobs(t)
  })

  it('are tried again by the queue; a channel that fails to the end is told of by the others', async () => {
    pagerDuty.behave('put_off')
    await t.app.ports.alerts.raise(ALERT)
    await runJobs(t)
    const [first] = await waiting()
    expect(first?.channel).toBe('pagerduty')
    const { rows } = await t.app.pool.query(
      `select attempts > 0 as tried, max_attempts, run_at > created_at + interval '2 s' as later
       from graphile_worker.jobs where task_identifier = 'alerts.deliver'`,
    )
    expect(rows).toEqual([{ tried: true, max_attempts: LAST_TRY, later: true }])

    await expect(deliver(t.app, first!.id, true)).rejects.toMatchObject({ code: 'unavailable' })
    await runJobs(t)
    expect(slack.received.map(({ text }) => text)).toEqual([
      'Alert (critical): Ten events wait.',
      'Alert (critical): Alerts do not reach pagerduty. PagerDuty answered 503 and did not take the alert.',
    ])
    const channels = await t.app.call(listAlertChannels, {}, await asOperations())
    expect(channels).toMatchObject([
      { channel: 'pagerduty', configured: true, last: { status: 'given_up' } },
      { channel: 'slack', configured: true, last: { status: 'delivered' } },
      { channel: 'email', configured: true, last: { status: 'delivered' } },
    ])

    pagerDuty.behave('take')
    await t.app.ports.alerts.raise({ ...ALERT, key: 'another' })
    await runJobs(t)
    const open = await t.app.call(listAlerts, {}, await asOperations())
    expect(open.items.map(({ key }) => key)).toEqual(['another', ALERT.key])
    for (const key of ['another', ALERT.key]) await t.app.ports.alerts.resolve(key)
    await runJobs(t)
  })

  it('that are over before a channel came back are not told there at all', async () => {
    pagerDuty.behave('put_off')
    await t.app.ports.alerts.raise(ALERT)
    await runJobs(t)
    await t.app.ports.alerts.resolve(ALERT.key)
    pagerDuty.behave('take')
    await runJobs(t)
    for (const { id } of await waiting()) await deliver(t.app, id, false)
    expect(pagerDuty.received.map(({ event_action }) => event_action)).toEqual(['resolve'])
    expect(pagerDuty.open.size).toBe(0)
    expect(await waiting()).toEqual([])
  })

  it('are acknowledged and resolved by operations with a reason, which the channels and the log hear', async () => {
    await t.app.ports.alerts.raise(ALERT)
    await runJobs(t)
    const ctx = await asOperations()
    const { items } = await t.app.call(listAlerts, {}, ctx)
    const id = items[0]!.id
    const input = { id, reason: 'I look into it' }
    const stranger = t.app.newContext(await t.person('admin', { groups: ['finance'] }))
    await expect(t.app.call(acknowledgeAlert, input, stranger)).rejects.toMatchObject({ code: 'forbidden' })
    await t.app.call(acknowledgeAlert, input, ctx)
    await expect(t.app.call(acknowledgeAlert, input, ctx)).rejects.toMatchObject({ code: 'conflict' })
    await t.app.call(resolveAlert, { id, reason: 'The secret was put right' }, ctx)
    await expect(t.app.call(resolveAlert, input, ctx)).rejects.toMatchObject({ code: 'conflict' })
    await expect(t.app.call(resolveAlert, { ...input, id: '999999' }, ctx)).rejects.toMatchObject({
      code: 'not_found',
    })
    await runJobs(t)
    expect(pagerDuty.received.map(({ event_action }) => event_action)).toEqual([
      'trigger',
      'acknowledge',
      'resolve',
    ])
    const past = await t.app.call(listAlerts, { state: 'past', limit: 1 }, ctx)
    expect(past.items).toMatchObject([
      { id, resolveReason: 'The secret was put right', resolvedByName: expect.stringContaining('Person') },
    ])
    expect(
      (await t.events()).filter(({ target }) => target.type === 'alert' && target.id === id),
    ).toMatchObject([
      { action: 'alert.acknowledge', outcome: 'allowed' },
      { action: 'alert.resolve', outcome: 'allowed', details: { key: ALERT.key, severity: 'critical' } },
    ])
  })

  it('have channels that can be tried at any time', async () => {
    slack.behave('put_off')
    expect(await t.app.call(testChannels, {}, await asOperations())).toEqual([
      { channel: 'pagerduty', ok: true, error: null },
      { channel: 'slack', ok: false, error: 'Slack answered 500 and did not take the alert.' },
      { channel: 'email', ok: true, error: null },
    ])
    expect(pagerDuty.received.map(({ event_action }) => event_action)).toEqual(['trigger', 'resolve'])
    expect(pagerDuty.faults).toEqual([])
  })

  it('never write a channel’s secret down', async () => {
    slack.behave('put_off')
    await t.app.ports.alerts.raise({ ...ALERT, key: 'secrets' })
    await runJobs(t)
    const { rows } = await t.app.pool.query(
      `select last_error as text from alert_deliveries union all select last_error from graphile_worker.jobs`,
    )
    const written = JSON.stringify(rows)
    expect(written).toContain('Slack answered 500')
    expect(written).not.toContain('a-secret-in-the-path')
    expect(written).not.toContain(ROUTING_KEY)
  })
})
