'use client'

import type { Erasure } from '#portal/modules/privacy/answers.ts'
import { api } from '#portal/ui/api-client.ts'
import { Dialog } from '#portal/ui/dialog.tsx'
import { SendForm } from '#portal/ui/send-form.tsx'
import { counted } from '#portal/ui/words.ts'

/** Says what goes, and what falls with it, before the second person agrees. */
export function ApproveErasureDialog({
  erasure,
  onClose,
  onDone,
}: {
  erasure: Erasure
  onClose: () => void
  onDone: () => void
}) {
  const { id, person, reach, videos, successorName } = erasure
  const falls = reach
    ? [
        `${counted(reach.visits, 'visit')} of links lose whoever is behind them, and what was watched`,
        reach.videos > 0 &&
          (videos === 'transfer'
            ? `${counted(reach.videos, 'video')} go to ${successorName ?? 'a colleague'}`
            : `${counted(reach.videos, 'video')} are deleted, with all of their links`),
        reach.bars > 0 && 'The bar that keeps this person from watching ends',
        reach.denied > 0 && `${counted(reach.denied, 'link')} no longer keep this address out`,
      ].filter((line) => line !== false)
    : []
  return (
    <Dialog open onClose={onClose} title="Erase this person?">
      <SendForm
        act="Erase"
        look="stop"
        {...{ onClose, onDone }}
        send={() => api(`/api/admin/privacy/erasures/${id}/approve`, { method: 'POST', body: {} })}
      >
        {() => (
          <>
            <p className="break-words">
              <strong>{person}</strong> is erased everywhere in the portal, at once. It can’t be undone.
            </p>
            <ul className="list-disc pl-5">
              {falls.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
            <p className="text-sm text-ink-2">
              Not reached from here: backups, your mail service, your error tracker, and an identity service
              that people sign in with.
            </p>
          </>
        )}
      </SendForm>
    </Dialog>
  )
}
