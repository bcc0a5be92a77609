'use client'

import { X } from 'lucide-react'
import Link from 'next/link'
import { useEffect, useState } from 'react'
import type { ShareView } from '#portal/modules/sharing/answers.ts'
import { AdminShareTable } from '#portal/modules/sharing/ui/admin-share-table.tsx'
import { RevokeDialog } from '#portal/modules/sharing/ui/revoke-dialog.tsx'
import { type SavedView, SavedViews } from '#portal/modules/sharing/ui/saved-views.tsx'
import { type ShareCheckItem, ShareCheckNote } from '#portal/modules/sharing/ui/share-check-note.tsx'
import { ShareDetail } from '#portal/modules/sharing/ui/share-detail.tsx'
import { directionOf, queryText, type ShareListQuery } from '#portal/modules/sharing/ui/share-list-query.ts'
import { buttonClass } from '#portal/ui/button.tsx'
import { Dialog } from '#portal/ui/dialog.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { PageLinks } from '#portal/ui/page-links.tsx'
import { useMedia } from '#portal/ui/use-media.ts'
import { useRefresh } from '#portal/ui/use-refresh.ts'
import { ShareFilters } from './share-filters.tsx'
import { TickedBar } from './ticked-bar.tsx'

type Props = {
  shares: ShareView[]
  next: string | null
  query: ShareListQuery
  opened: ShareView | null
  views: SavedView[]
  check: ShareCheckItem | null
  /** region of this installation */
  home: string
  canProve: boolean
  canDecide: boolean
}

/** Every share: find it, look into it, take it back. The list stays where it is while one is open. */
export function AdminShares(props: Props) {
  const { shares, next, query, opened: first, views, check, home, canProve, canDecide } = props
  const [openId, setOpenId] = useState<string | null>(first?.id ?? null)
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set())
  const [revoking, setRevoking] = useState<ShareView | null>(null)
  const wide = useMedia('(min-width: 1280px)')
  const refresh = useRefresh(shares.some((share) => share.watchingNow > 0) ? 4000 : 20_000)
  const opened = shares.find((share) => share.id === openId) ?? (first?.id === openId ? first : null)
  // What another page of the list shows is not ticked unseen.
  const seen = new Set([...ticked].filter((id) => shares.some((share) => share.id === id)))
  const filtered = queryText(query, { sort: undefined, order: undefined }) !== ''

  function tick({ id }: ShareView) {
    const more = new Set(seen)
    if (!more.delete(id)) more.add(id)
    setTicked(more)
  }

  function open(share: ShareView | null) {
    setOpenId(share?.id ?? null)
    const url = new URL(location.href)
    if (share) url.searchParams.set('share', share.id)
    else url.searchParams.delete('share')
    history.replaceState(null, '', url)
  }

  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (
        event.key === 'Escape' &&
        !document.querySelector('dialog[open]') &&
        !(event.target instanceof HTMLInputElement)
      )
        open(null)
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  })

  const detail = opened && (
    <ShareDetail
      key={opened.id}
      share={opened}
      canProve={canProve}
      canDecide={canDecide}
      home={home}
      onRevoke={() => setRevoking(opened)}
    />
  )
  return (
    <div className="grid grid-cols-1 gap-4">
      <PageHead title="All shares">
        Every link of this installation; those that ended stay for thirty days, then lie in the archive.
      </PageHead>
      <ShareFilters query={query} shares={shares}>
        <SavedViews views={views} query={query} onChanged={refresh} />
      </ShareFilters>
      <TickedBar
        query={query}
        shares={shares}
        ticked={seen}
        onTickAll={() => setTicked(new Set(shares.map(({ id }) => id)))}
        onClear={() => setTicked(new Set())}
        onDone={() => {
          setTicked(new Set())
          refresh()
        }}
      />
      {shares.length === 0 ? (
        <EmptyState
          title={filtered ? 'No share is like this' : 'No shares yet'}
          action={
            filtered && (
              <Link href="/admin/shares?view=all" className={buttonClass('plain')}>
                Show all shares
              </Link>
            )
          }
        >
          {filtered
            ? 'Search for less, take a filter away, or look in the archive.'
            : 'As soon as somebody makes a link, it stands here.'}
        </EmptyState>
      ) : (
        <div
          className={
            opened && wide
              ? 'grid grid-cols-[minmax(0,1fr)_400px] rounded-card border border-line bg-surface'
              : 'rounded-card border border-line bg-surface'
          }
        >
          <div className="min-w-0 overflow-hidden">
            <AdminShareTable
              shares={shares}
              sort={query.sort ?? 'created'}
              direction={directionOf(query)}
              selected={openId}
              onSelect={open}
              ticked={seen}
              onTick={tick}
              home={home}
              narrow={wide && opened !== null}
            />
          </div>
          {opened && wide && (
            <aside aria-label={`Share of ${opened.videoTitle}`} className="border-l border-line p-5">
              <div className="flex items-start justify-between gap-3 pb-3">
                <h2 className="min-w-0">{opened.videoTitle}</h2>
                <button
                  type="button"
                  aria-label="Close"
                  onClick={() => open(null)}
                  className="-mt-0.5 grid size-7 shrink-0 place-items-center rounded-control text-ink-2 hover:bg-sunken"
                >
                  <X size={16} aria-hidden />
                </button>
              </div>
              {detail}
            </aside>
          )}
        </div>
      )}
      <PageLinks next={next} older="Next page" newest="First page" />
      <ShareCheckNote check={check} />
      <Dialog
        shape="drawer"
        open={opened !== null && !wide}
        onClose={() => open(null)}
        title={opened?.videoTitle ?? ''}
      >
        {!wide && detail}
      </Dialog>
      <RevokeDialog share={revoking} onClose={() => setRevoking(null)} onRevoked={refresh} />
    </div>
  )
}
