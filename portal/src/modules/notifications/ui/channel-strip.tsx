'use client'

import { useState } from 'react'
import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useSend } from '#portal/ui/use-send.ts'
import type { AlertChannelId, AlertChannelView } from '../answers.ts'
import { CHANNEL_NAMES } from './alert-words.ts'

type Test = { channel: AlertChannelId; ok: boolean | null; error: string | null }

const SETTINGS: Record<AlertChannelId, string> = {
  pagerduty: 'Set PAGERDUTY_ROUTING_KEY to have somebody paged.',
  slack: 'Set SLACK_WEBHOOK_URL to have a channel told.',
  email: 'Goes to ALERT_EMAIL, or to the staff group operations.',
}

/** By what alerts are told, and whether the last one got through. */
export function ChannelStrip({ channels, canTest }: { channels: AlertChannelView[]; canTest: boolean }) {
  const [tests, setTests] = useState<Test[]>([])
  const { busy, error, send } = useSend()
  return (
    <section aria-labelledby="channels" className="grid grid-cols-1 gap-3">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 id="channels">Channels</h2>
        {canTest && (
          <Button
            small
            busy={busy}
            onClick={() =>
              send(async () =>
                setTests(await api<Test[]>('/api/admin/alerts/test', { method: 'POST', body: {} })),
              )
            }
          >
            Test the channels
          </Button>
        )}
      </div>
      <FormError>{error}</FormError>
      <ul className="grid grid-cols-1 gap-3 sm:grid-cols-3">
        {channels.map((channel) => (
          <li
            key={channel.channel}
            className="grid content-start gap-1 rounded-card border border-line bg-surface p-3"
          >
            <div className="flex flex-wrap items-center justify-between gap-2">
              <h3 className="text-base font-semibold">{CHANNEL_NAMES[channel.channel]}</h3>
              <Standing channel={channel} />
            </div>
            <p className="text-sm text-ink-2">
              {channel.configured && channel.last ? (
                <>
                  Last tried <Instant at={channel.last.at} />
                  {channel.last.error && `: ${channel.last.error}`}
                </>
              ) : (
                SETTINGS[channel.channel]
              )}
            </p>
            <TestResult test={tests.find((test) => test.channel === channel.channel)} />
          </li>
        ))}
      </ul>
    </section>
  )
}

function Standing({ channel: { configured, last } }: { channel: AlertChannelView }) {
  if (!configured) return <Chip>not set up</Chip>
  if (!last) return <Chip>not used yet</Chip>
  return last.status === 'delivered' ? <Chip tone="proof">reached</Chip> : <Chip tone="stop">failing</Chip>
}

function TestResult({ test }: { test: Test | undefined }) {
  if (!test) return null
  if (test.ok === null)
    return (
      <p role="status" className="text-sm text-ink-2">
        Nobody to tell.
      </p>
    )
  return (
    <p role="status" className={test.ok ? 'text-sm text-proof' : 'text-sm text-stop'}>
      {test.ok ? 'The test got through.' : `The test failed. ${test.error}`}
    </p>
  )
}
