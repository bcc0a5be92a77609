'use client'

import { useState } from 'react'
import type { ShareView } from '#portal/modules/sharing/answers.ts'
import { BulkRevokeDialog } from '#portal/modules/sharing/ui/bulk-revoke-dialog.tsx'
import type { RevokeSelection } from '#portal/modules/sharing/ui/revocation-api.ts'
import type { ShareListQuery } from '#portal/modules/sharing/ui/share-list-query.ts'
import { Button } from '#portal/ui/button.tsx'
import { counted } from '#portal/ui/words.ts'

type Act = { selection: RevokeSelection; title: string; emergency: boolean }

/** What may be taken back together: the ticked links, or all of the owner or video that the list is narrowed to. */
function reachOf(
  query: ShareListQuery,
  ticked: ReadonlySet<string>,
  shares: ShareView[],
): Omit<Act, 'emergency'> | null {
  if (ticked.size > 0) return { selection: { ids: [...ticked] }, title: counted(ticked.size, 'chosen link') }
  if (query.video)
    return {
      selection: { videoId: query.video },
      title: `all links of ${shares[0]?.videoTitle ?? 'this video'}`,
    }
  if (query.owner)
    return {
      selection: { ownerId: query.owner },
      title: `all links of ${(query.owner.startsWith('org_') ? shares[0]?.organisationName : shares[0]?.createdByName) ?? 'this owner'}`,
    }
  return null
}

/** Ticked links and what can be done with them; revokes in bulk wait for a second person, emergencies do not. */
export function TickedBar({
  query,
  shares,
  ticked,
  onTickAll,
  onClear,
  onDone,
}: {
  query: ShareListQuery
  shares: ShareView[]
  ticked: ReadonlySet<string>
  onTickAll: () => void
  onClear: () => void
  onDone: () => void
}) {
  const [act, setAct] = useState<Act | null>(null)
  const reach = reachOf(query, ticked, shares)
  return (
    <section aria-label="Chosen links" className="flex min-h-[30px] flex-wrap items-center gap-2 text-sm">
      <p role="status" className="text-ink-2">
        {ticked.size > 0 ? `${counted(ticked.size, 'link')} chosen` : 'Space chooses a link, Enter opens it.'}
      </p>
      {ticked.size < shares.length && (
        <Button small look="quiet" onClick={onTickAll}>
          Choose this page
        </Button>
      )}
      {ticked.size > 0 && (
        <Button small look="quiet" onClick={onClear}>
          Choose none
        </Button>
      )}
      {reach && (
        <>
          <Button small look="stop" onClick={() => setAct({ ...reach, emergency: false })}>
            Revoke {reach.title}…
          </Button>
          <Button small look="stop" onClick={() => setAct({ ...reach, emergency: true })}>
            Emergency…
          </Button>
        </>
      )}
      <BulkRevokeDialog
        selection={act?.selection ?? null}
        title={act?.title ?? ''}
        emergency={act?.emergency ?? false}
        onClose={() => setAct(null)}
        onDone={onDone}
      />
    </section>
  )
}
