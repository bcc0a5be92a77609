'use client'

import { Download } from 'lucide-react'
import { useState } from 'react'
import { api } from '#portal/ui/api-client.ts'
import { Button, buttonClass } from '#portal/ui/button.tsx'
import { Field, FormError } from '#portal/ui/field.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useReachableRefresh } from '#portal/ui/use-refresh.ts'
import { useSend } from '#portal/ui/use-send.ts'
import { bytesInWords, counted } from '#portal/ui/words.ts'
import type { TelemetryExportView } from '../answers.ts'

const PATH = '/api/admin/telemetry/exports'
const today = () => new Date().toISOString().slice(0, 10)

/** Makes the figures of some days into a file with the controls that they are evidence for, and lists those kept. */
export function ExportPanel({ exports, canExport }: { exports: TelemetryExportView[]; canExport: boolean }) {
  return (
    <section
      aria-labelledby="exports"
      className="grid grid-cols-1 gap-4 rounded-card border border-line bg-surface p-4"
    >
      <div>
        <h2 id="exports">Exports</h2>
        <p className="text-ink-2">
          Hour by hour as a CSV, with the controls of SOC 2, ISO 27001 and the GDPR that each figure is
          evidence for. Nobody is in it. Kept for a year.
        </p>
      </div>
      {canExport ? (
        <ExportForm />
      ) : (
        <p className="text-ink-2">The groups operations, security and compliance make and download them.</p>
      )}
      {exports.length > 0 && (
        <ul className="grid grid-cols-1">
          {exports.map((one) => (
            <li
              key={one.id}
              className="flex flex-wrap items-center gap-x-4 gap-y-1 border-t border-line py-2 first:border-t-0"
            >
              <span className="font-medium">{daysOf(one)}</span>
              <span className="text-sm text-ink-2">
                {counted(one.rows, 'row')}, {bytesInWords(one.bytes)}, by{' '}
                {one.madeByName ?? 'the command line'}, <Instant at={one.madeAt} />
              </span>
              {canExport && (
                <a
                  href={`${PATH}/${one.id}/file`}
                  download
                  className={`${buttonClass('plain', true)} ml-auto`}
                >
                  <Download size={14} aria-hidden /> CSV<span className="sr-only"> of {daysOf(one)}</span>
                </a>
              )}
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}

/** Both days are in it; `until` is the beginning of the day after. */
function daysOf({ from, until }: TelemetryExportView): string {
  const last = new Date(Date.parse(until) - 1).toISOString()
  return `${from.slice(0, 10)} to ${last.slice(0, 10)}`
}

function ExportForm() {
  const [days, setDays] = useState({ from: '', until: '' })
  const { busy, error, fields, send } = useSend()
  const refresh = useReachableRefresh()
  const field = (name: 'from' | 'until', label: string) => (
    <Field
      label={label}
      type="date"
      required
      max={today()}
      value={days[name]}
      {...(fields[name] ? { error: fields[name] } : {})}
      onChange={(event) => setDays({ ...days, [name]: event.target.value })}
    />
  )
  return (
    <form
      className="grid gap-3"
      onSubmit={(event) => {
        event.preventDefault()
        void send(async () => {
          await api(PATH, { method: 'POST', body: days })
          refresh()
        })
      }}
    >
      <FormError>{error}</FormError>
      <div className="flex flex-wrap items-end gap-3">
        {field('from', 'First day')}
        {field('until', 'Last day')}
        <Button type="submit" busy={busy}>
          Export
        </Button>
      </div>
    </form>
  )
}
