'use client'

import { type FormEvent, useState } from 'react'
import { Button } from '#portal/ui/button.tsx'
import { FormError, TextArea, Tick } from '#portal/ui/field.tsx'
import { useSend } from '#portal/ui/use-send.ts'
import type { ShareView } from '../answers.ts'
import { changeShare } from './share-api.ts'

type Props = { share: Pick<ShareView, 'id' | 'note' | 'analytics'>; live: boolean; onChanged: () => void }

/** What an owner may change of a link that lives: its note to the viewer, and whether watching is kept. */
export function ShareSettings({ share, live, onChanged }: Props) {
  const { busy, error, send } = useSend()
  const [draft, setDraft] = useState<string | null>(null)
  if (!live && !share.note) return null

  const change = (what: { note?: string; analytics?: boolean }) =>
    send(async () => {
      await changeShare(share.id, what)
      setDraft(null)
      onChanged()
    })

  return (
    <div className="grid grid-cols-1 gap-6">
      <section aria-labelledby="note" className="grid grid-cols-1 gap-3">
        <div className="flex flex-wrap items-center justify-between gap-2">
          <h2 id="note">Note to the viewer</h2>
          {live && draft === null && (
            <Button small onClick={() => setDraft(share.note ?? '')}>
              {share.note ? 'Change the note' : 'Add a note'}
            </Button>
          )}
        </div>
        <FormError>{error}</FormError>
        {draft === null ? (
          <p className={share.note ? 'whitespace-pre-wrap [overflow-wrap:anywhere]' : 'text-ink-2'}>
            {share.note ?? 'None. A note stands beside the video.'}
          </p>
        ) : (
          <form
            className="grid grid-cols-1 gap-3"
            onSubmit={(event: FormEvent) => {
              event.preventDefault()
              void change({ note: draft })
            }}
          >
            <TextArea
              label="Note"
              autoFocus
              rows={3}
              maxLength={500}
              hint="Shown beside the video. Whoever watches now sees it when they open the link again."
              value={draft}
              onChange={(event) => setDraft(event.target.value)}
            />
            <div className="flex flex-wrap gap-2">
              <Button type="submit" look="solid" busy={busy}>
                Save the note
              </Button>
              <Button onClick={() => setDraft(null)}>Cancel</Button>
            </div>
          </form>
        )}
      </section>
      {live && (
        <Tick
          label="Keep which parts are watched"
          hint="Viewers are told before they watch. What was kept before stays until the link is forgotten."
          checked={share.analytics}
          disabled={busy}
          onChange={(event) => void change({ analytics: event.target.checked })}
        />
      )}
    </div>
  )
}
