import type { AlertChannelId, AlertView } from '../answers.ts'

export const CHANNEL_NAMES: Record<AlertChannelId, string> = {
  pagerduty: 'PagerDuty',
  slack: 'Slack',
  email: 'Mail',
}

export const SEVERITY_TONES = { info: 'neutral', warning: 'warn', critical: 'stop' } as const

type Told = AlertView['told'][number]

const STATES: Record<Told['status'], string> = {
  waiting: 'is being told',
  delivered: 'told',
  given_up: 'could not be told',
  skipped: 'not told',
}

/** The newest word to each channel: "Slack told", "PagerDuty could not be told". Pure. */
export function toldInWords(
  told: readonly Told[],
): { channel: AlertChannelId; words: string; failed: boolean }[] {
  const newest = new Map(told.map((one) => [one.channel, one]))
  return [...newest.values()].map(({ channel, status, attempts }) => ({
    channel,
    words: `${CHANNEL_NAMES[channel]} ${status === 'waiting' && attempts > 0 ? 'is tried again' : STATES[status]}`,
    failed: status === 'given_up' || (status === 'waiting' && attempts > 0),
  }))
}

/** `{depth: 12}` → "depth 12". Pure. */
export function detailsInWords(details: AlertView['details']): string {
  return Object.entries(details)
    .map(([name, value]) => `${name.replaceAll('_', ' ')} ${value}`)
    .join(' · ')
}
