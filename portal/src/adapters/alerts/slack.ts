import { IncomingWebhook } from '@slack/webhook'
import { AppError } from '#portal/platform/errors.ts'
import { createOutbound } from '#portal/platform/outbound.ts'
import { createOutsideFetch, type OutsideInit } from '#portal/platform/outside-fetch.ts'
import type { AlertChannel, AlertNotice } from './port.ts'

export type SlackOptions = {
  webhookUrl: string
  deadlineMs?: number
  privateHosts?: readonly string[] | undefined
}

/** Slack by an incoming webhook. Its URL is a secret: no error of the library, which may quote it, leaves here. */
export function createSlack({ webhookUrl, deadlineMs = 10_000, privateHosts }: SlackOptions): AlertChannel {
  const ask = createOutsideFetch({ named: [webhookUrl], privateHosts })
  const webhook = new IncomingWebhook(webhookUrl, {
    timeout: deadlineMs,
    fetch: (url, init) => ask(String(url), init as OutsideInit),
  })
  const outbound = createOutbound({ name: 'Slack', deadlineMs })
  return {
    name: 'slack',
    async tell(notice) {
      await outbound(async () => {
        await webhook.send(slackMessage(notice)).catch((error: unknown) => {
          const status = (error as { statusCode?: number }).statusCode
          throw new AppError(
            'unavailable',
            status ? `Slack answered ${status} and did not take the alert.` : 'Slack did not answer.',
          )
        })
      })
    },
  }
}

const HEADS = { raised: 'Alert', acknowledged: 'Seen', resolved: 'Resolved' } as const

/** Text for notifications, and the same as blocks; `<`, `>` and `&` would be read as markup. */
export function slackMessage(notice: AlertNotice) {
  const { key, severity, summary, details = {}, url, event } = notice
  const head = `${HEADS[event]} (${severity}): ${summary}`
  const facts = Object.entries({ cause: key, ...details }).map(([name, value]) => `${name}: ${value}`)
  return {
    text: escapeMarkup(head),
    blocks: [
      { type: 'section' as const, text: { type: 'plain_text' as const, text: head.slice(0, 3000) } },
      {
        type: 'context' as const,
        elements: [{ type: 'plain_text' as const, text: facts.join(' · ').slice(0, 3000) }],
      },
      { type: 'section' as const, text: { type: 'mrkdwn' as const, text: `<${url}|See it in the portal>` } },
    ],
  }
}

const escapeMarkup = (text: string) =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
