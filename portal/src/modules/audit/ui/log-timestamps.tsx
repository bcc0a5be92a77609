'use client'

import { Download } from 'lucide-react'
import type { LogTimestamps } from '#portal/modules/audit/answers.ts'
import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { saveFile } from '#portal/ui/save-file.ts'
import { Instant } from '#portal/ui/time.tsx'
import { useSend } from '#portal/ui/use-send.ts'
import { numberInWords } from '#portal/ui/words.ts'

type Stamp = { checkpoint: string; response: string }

/** Time-stamps that an authority gave heads of the log, each as the two files that openssl checks. */
export function TimestampList({ stamps: { everyMinutes, items } }: { stamps: LogTimestamps }) {
  const { busy, error, send } = useSend()
  const save = (size: number) =>
    void send(async () => {
      const { checkpoint, response } = await api<Stamp>(`/api/admin/audit/timestamps/${size}`)
      saveFile(`${size}.checkpoint`, checkpoint, 'text/plain')
      const answer = Uint8Array.from(atob(response), (letter) => letter.charCodeAt(0))
      saveFile(`${size}.tsr`, answer, 'application/timestamp-reply')
    })
  return (
    <section aria-labelledby="log-timestamps" className="grid grid-cols-1 gap-3">
      <div>
        <h2 id="log-timestamps">Time-stamps</h2>
        <p className="max-w-[72ch] text-ink-2">
          {everyMinutes === null
            ? 'No time-stamp authority is set (AUDIT_TSA_URL). One says, by its own clock, when a head of the log was there.'
            : 'An authority says, by its own clock, when a head of the log was there. Save a time-stamp, and check it:'}
        </p>
        {items.length > 0 && (
          <code className="mono mt-1 block break-words text-sm">
            openssl ts -verify -data SIZE.checkpoint -in SIZE.tsr -CAfile AUTHORITY.pem
          </code>
        )}
      </div>
      <FormError>{error}</FormError>
      {items.length === 0 && everyMinutes !== null && <EmptyState title="No head was stamped yet" />}
      {items.length > 0 && (
        <ul aria-label="Time-stamps" className="overflow-hidden rounded-card border border-line bg-surface">
          {items.map(({ size, authority, stampedAt }) => (
            <li
              key={size}
              className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-2.5 text-sm last:border-b-0"
            >
              <p className="min-w-0 flex-1 basis-60">
                <span className="font-medium">{numberInWords(size)} entries</span>{' '}
                <span className="text-ink-2">
                  <Instant at={stampedAt} /> · <span className="mono break-all">{authority}</span>
                </span>
              </p>
              <Button
                small
                disabled={busy}
                onClick={() => save(size)}
                aria-label={`Save the time-stamp of ${size} entries`}
              >
                <Download size={15} aria-hidden />
                Save
              </Button>
            </li>
          ))}
        </ul>
      )}
    </section>
  )
}
