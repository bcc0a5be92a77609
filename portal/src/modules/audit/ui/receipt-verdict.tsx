'use client'

import { ShieldAlert, ShieldCheck } from 'lucide-react'
import type { ReactNode } from 'react'
import { exactInstant, numberInWords } from '#portal/ui/words.ts'
import type { ReceiptReport } from '../verifier.mjs'
import { eventInWords, plainReason } from './event-words.ts'

/** What a receipt's entry says, where it is an event of a portal. */
type Told = {
  time: string
  action: string
  outcome: string
  reason: string | null
  actor: { kind: string; pseudonym: string }
  target: { type: string; id: string }
}

type Props = { name: string; report?: ReceiptReport; problem?: string; isOwnKey: boolean }

/** Whether the receipt holds, what it says, and what is proved by it and what is not. */
export function ReceiptVerdict({ name, report, problem, isOwnKey }: Props) {
  const holds = report?.ok === true
  const event = report?.event as Told | null | undefined
  return (
    <div className="grid grid-cols-1 gap-4 rounded-panel border border-line bg-surface p-5">
      <div className="flex gap-3">
        {holds ? (
          <ShieldCheck size={22} aria-hidden className="mt-0.5 shrink-0 text-proof" />
        ) : (
          <ShieldAlert size={22} aria-hidden className="mt-0.5 shrink-0 text-stop" />
        )}
        <div className="min-w-0">
          <h2 className={holds ? 'text-proof' : 'text-stop'}>
            {holds ? 'Proved: this event stands in the log' : 'Not proved'}
          </h2>
          <p className="text-sm break-words text-ink-2">
            {holds ? name : `${name}: ${problem ?? report?.message ?? ''}.`}
          </p>
        </div>
      </div>
      {holds && report && (
        <>
          <Facts event={event ?? null} report={report} />
          <Lines title="Proved" lines={report.proved} />
          <Lines
            title="Not proved"
            lines={[
              ...(isOwnKey ? ['that the keys are the log’s: this portal itself gave them'] : []),
              ...report.notProved,
            ]}
          />
        </>
      )}
      {!holds && (
        <p className="text-sm text-ink-2">
          Either the file was changed, or it belongs to another log than the keys below. Ask for the receipt
          again, or paste the key of its log.
        </p>
      )}
    </div>
  )
}

function Facts({ event, report }: { event: Told | null; report: ReceiptReport }) {
  return (
    <dl className="grid grid-cols-[72px_1fr] sm:grid-cols-[88px_1fr] gap-x-3 gap-y-1.5 text-sm">
      {event && (
        <>
          <Fact name="What">
            {eventInWords(event)}
            {event.outcome !== 'allowed' && `, ${event.outcome}`}
            {event.reason && `, ${plainReason(event.reason)}`}
          </Fact>
          <Fact name="When">{exactInstant(new Date(event.time))}</Fact>
          <Fact name="Who">
            {event.actor.kind} <span className="mono break-all">{event.actor.pseudonym}</span>
          </Fact>
          <Fact name="To what">
            {plainReason(event.target.type)} <span className="mono break-all">{event.target.id}</span>
          </Fact>
        </>
      )}
      <Fact name="Entry">
        {numberInWords(report.index ?? 0)} of {numberInWords(report.size)} in{' '}
        <span className="mono break-all">{report.origin}</span>
      </Fact>
    </dl>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-2">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  )
}

function Lines({ title, lines }: { title: string; lines: string[] }) {
  return (
    <div className="grid grid-cols-1 gap-1">
      <h3 className="text-sm font-semibold">{title}</h3>
      <ul className="grid list-disc grid-cols-1 gap-1 pl-5 text-sm text-ink-2">
        {lines.map((line) => (
          <li key={line} className="break-words first-letter:uppercase">
            {line}
          </li>
        ))}
      </ul>
    </div>
  )
}
