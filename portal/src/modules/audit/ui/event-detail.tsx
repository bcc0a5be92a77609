'use client'

import type { ReactNode } from 'react'
import { eventTypeOf } from '#portal/modules/audit/rules.ts'
import { exactInstant, numberInWords } from '#portal/ui/words.ts'
import type { ArchivedItem, AuditItem, OpenItem } from './audit-table.tsx'
import { plainReason } from './event-words.ts'
import { ProvedMark } from './proved-mark.tsx'

/** Everything that one event says, or what is known of one whose text lies in the archive. */
export function EventDetail({ item }: { item: OpenItem }) {
  return (
    <div className="grid grid-cols-1 gap-4">
      <div className="flex flex-wrap items-center gap-2">
        <ProvedMark eventId={item.id} proved={item.proved} from="log" />
        <span className="mono text-ink-2">{item.id}</span>
      </div>
      {item.missing ? <Archived item={item} /> : <Told item={item} />}
    </div>
  )
}

function Archived({ item }: { item: ArchivedItem }) {
  const { action, outcome, actor, targetType, target, time, index } = item
  return (
    <>
      <p className="text-sm text-ink-2">
        Its text lies in the archive. The receipt has it, and what is found, saved as a file.
      </p>
      <dl className={ROWS}>
        <Row name="Time">{exactInstant(new Date(time))}</Row>
        <Row name="Action">
          <span className="mono">{action}</span>
        </Row>
        <Row name="Actor">
          <span className="mono break-all">{actor}</span>
        </Row>
        <Row name="Target">
          {targetType} <span className="mono break-all">{target}</span>
        </Row>
        <Row name="Outcome">{outcome}</Row>
        <Row name="Class">{eventTypeOf(action).classification}</Row>
        <Row name="Controls">{eventTypeOf(action).controls.join(', ')}</Row>
        {index !== null && <Row name="Entry">{numberInWords(index)}</Row>}
      </dl>
    </>
  )
}

const ROWS = 'grid grid-cols-[112px_1fr] gap-x-3 gap-y-2 text-sm'

function Told({ item }: { item: AuditItem }) {
  return (
    <>
      <dl className={ROWS}>
        <Row name="Time">{exactInstant(new Date(item.time))}</Row>
        <Row name="Action">
          <span className="mono">{item.action}</span>
        </Row>
        <Row name="Actor">
          {item.actorKind}
          {item.role && `, ${item.role}`} <span className="mono break-all">{item.actor}</span>
        </Row>
        <Row name="Target">
          {item.targetType} <span className="mono break-all">{item.target}</span>
        </Row>
        <Row name="Outcome">
          {item.outcome}
          {item.reason && `, ${plainReason(item.reason)}`}
        </Row>
        <Row name="Region">{item.region}</Row>
        <Row name="Class">{item.classification}</Row>
        <Row name="Controls">{eventTypeOf(item.action).controls.join(', ')}</Row>
        <Row name="Request">
          <span className="mono break-all">{item.requestId}</span>
        </Row>
        <Row name="Entry">{item.index === null ? 'not yet in the tree' : numberInWords(item.index)}</Row>
        {item.personal && <Row name="Personal data">encrypted under that person’s own key</Row>}
      </dl>
      {Object.keys(item.details).length > 0 && (
        <section aria-labelledby="details" className="grid grid-cols-1 gap-2">
          <h3 id="details" className="text-md font-semibold">
            Details
          </h3>
          <dl className="grid grid-cols-1 gap-1.5 text-sm">
            {Object.entries(item.details).map(([name, value]) => (
              <div key={name} className="grid grid-cols-[minmax(0,auto)_1fr] gap-3">
                <dt className="text-ink-2">{plainReason(name)}</dt>
                <dd className="mono text-right break-all">{inText(value)}</dd>
              </div>
            ))}
          </dl>
        </section>
      )}
    </>
  )
}

function Row({ name, children }: { name: string; children: ReactNode }) {
  return (
    <>
      <dt className="text-ink-2">{name}</dt>
      <dd className="min-w-0">{children}</dd>
    </>
  )
}

function inText(value: unknown): string {
  if (Array.isArray(value) && value.every((part) => typeof part !== 'object')) return value.join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}
