import { z } from 'zod'
import { ALERT_CHANNELS, type AlertChannelName, type AlertNotice } from '#portal/adapters/alerts/port.ts'
import type { App } from '#portal/platform/app.ts'
import { isAppError } from '#portal/platform/errors.ts'
import { flow, verb } from '#portal/platform/operation.ts'
import { mailAlert } from './deliver-alert.ts'

export type ChannelTest = {
  channel: AlertChannelName
  /** Null: not set up, or nobody to tell. */
  ok: boolean | null
  error: string | null
}

const recordTest = verb({
  action: 'alert.test',
  input: z.strictObject({ told: z.array(z.string()), failed: z.array(z.string()) }),
  allow: { role: 'admin', groups: ['operations', 'security'] },
  async run({ input }) {
    return {
      result: null,
      change: {
        target: { type: 'operation', id: 'alert.test' },
        outcome: input.failed.length > 0 ? 'failed' : 'allowed',
        details: input,
      },
    }
  },
})

/** Tells every channel of an alert that is none, and at once that it is over; nothing is kept but that it was done. */
export const testChannels = flow({
  action: 'alert.test',
  input: z.strictObject({}),
  allow: { role: 'admin', groups: ['operations', 'security'] },
  async run({ app, ctx }): Promise<ChannelTest[]> {
    const tests = await Promise.all(ALERT_CHANNELS.map((channel) => testChannel(app, channel, ctx.requestId)))
    const names = (ok: boolean) => tests.filter((test) => test.ok === ok).map(({ channel }) => channel)
    await app.call(recordTest, { told: names(true), failed: names(false) }, ctx)
    return tests
  },
})

async function testChannel(app: App, channel: AlertChannelName, mark: string): Promise<ChannelTest> {
  const notice: Omit<AlertNotice, 'event'> = {
    key: `alerts.test:${mark}`,
    severity: 'warning',
    summary: 'This is a test of the alert channels. Nothing is wrong.',
    raisedAt: app.clock(),
    url: `${app.settings.PUBLIC_URL}/admin/alerts`,
    idempotencyKey: `alert-test:${mark}`,
  }
  try {
    let told = true
    for (const event of ['raised', 'resolved'] as const) {
      const one = { ...notice, event, idempotencyKey: `${notice.idempotencyKey}:${event}` }
      told = await tellBy(app, channel, one)
    }
    return { channel, ok: told ? true : null, error: null }
  } catch (error) {
    return { channel, ok: false, error: isAppError(error) ? error.message : 'The channel failed.' }
  }
}

async function tellBy(app: App, channel: AlertChannelName, notice: AlertNotice): Promise<boolean> {
  if (channel === 'email') return await mailAlert(app, notice)
  const port = app.ports.alertChannels.find(({ name }) => name === channel)
  await port?.tell(notice)
  return port !== undefined
}
