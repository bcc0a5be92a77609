'use client'

import type { Erasure } from '#portal/modules/privacy/answers.ts'
import { api } from '#portal/ui/api-client.ts'
import { SendDialog } from '#portal/ui/send-form.tsx'
import { counted } from '#portal/ui/words.ts'

/** Says what goes, and what falls with it, before the second person agrees. */
export function ApproveErasureDialog({
  erasure,
  onClose,
  onDone,
}: {
  erasure: Erasure | null
  onClose: () => void
  onDone: () => void
}) {
  return (
    <SendDialog
      open={erasure}
      title="Erase this person?"
      act="Erase"
      look="stop"
      {...{ onClose, onDone }}
      send={(_, { id }) => api(`/api/admin/privacy/erasures/${id}/approve`, { method: 'POST', body: {} })}
    >
      {(_, erasure) => (
        <>
          <p className="break-words">
            <strong>{erasure.person}</strong> is erased everywhere in the portal, at once. It can’t be undone.
          </p>
          <ul className="list-disc pl-5">
            {fallsWith(erasure).map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
          <p className="text-sm text-ink-2">
            Not reached from here: backups, your mail service, your error tracker, and an identity service
            that people sign in with.
          </p>
        </>
      )}
    </SendDialog>
  )
}

function fallsWith({ reach, videos, successorName }: Erasure): string[] {
  if (!reach) return []
  const many = (count: number, one: string, more: string) => (count === 1 ? one : more)
  return [
    `${counted(reach.visits, 'visit')} of links ${many(reach.visits, 'loses', 'lose')} whoever is behind ${many(reach.visits, 'it', 'them')}, and what was watched`,
    reach.videos > 0 &&
      (videos === 'transfer'
        ? `${counted(reach.videos, 'video')} ${many(reach.videos, 'goes', 'go')} to ${successorName ?? 'a colleague'}`
        : `${counted(reach.videos, 'video')} ${many(reach.videos, 'is', 'are')} deleted, with all links`),
    reach.bars > 0 && 'The bar that keeps this person from watching ends',
    reach.denied > 0 &&
      `${counted(reach.denied, 'link')} no longer ${many(reach.denied, 'keeps', 'keep')} this address out`,
  ].filter((line) => line !== false)
}
