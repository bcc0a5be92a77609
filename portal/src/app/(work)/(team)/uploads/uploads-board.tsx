'use client'

import Link from 'next/link'
import type { UploadView } from '#portal/modules/uploads/answers.ts'
import { DropZone, UploadButton } from '#portal/modules/uploads/ui/drop-zone.tsx'
import { UploadList } from '#portal/modules/uploads/ui/upload-list.tsx'
import { UploadPanel } from '#portal/modules/uploads/ui/upload-panel.tsx'
import { isMoving, stateFilters } from '#portal/modules/uploads/ui/upload-words.ts'
import { useUploads } from '#portal/modules/uploads/ui/use-uploads.ts'
import { buttonClass } from '#portal/ui/button.tsx'
import { FilterChips } from '#portal/ui/filter-chips.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'
import { PageLinks } from '#portal/ui/page-links.tsx'
import { useReachableRefresh, useRefresh } from '#portal/ui/use-refresh.ts'

type BoardProps = {
  personId: string
  organisation: string
  uploads: UploadView[]
  state: string | undefined
  owner: 'me' | undefined
  older: string | null
}

const SOON_MS = 3000
const LATER_MS = 20_000

/** Every upload of the team: on top what this browser sends or can go on with, below what became of all. */
export function UploadsBoard({ personId, organisation, uploads, state, owner, older }: BoardProps) {
  const { queue, items } = useUploads(personId, useReachableRefresh())
  useRefresh(uploads.some(isMoving) || items.length > 0 ? SOON_MS : LATER_MS)
  const add = queue.add.bind(queue)
  // What another device sends is told below, by the server: this browser does not see it move.
  const here = new Set(items.filter(({ where }) => where !== 'device').map((item) => item.uploadId))
  const shown = uploads.filter((upload) => !here.has(upload.id))
  const filtered = state !== undefined || owner !== undefined
  return (
    <div className="grid grid-cols-1 gap-5">
      <PageHead title="Uploads" actions={<UploadButton onFiles={add} />}>
        {organisation} · Go on with one in any browser where you are signed in: choose the same file again.
      </PageHead>
      <UploadPanel items={items} queue={queue} />
      <div className="flex flex-wrap gap-x-6 gap-y-2">
        <FilterChips label="State" name="state" chosen={state} choices={stateFilters} />
        <FilterChips
          label="Whose"
          name="owner"
          chosen={owner}
          choices={[{ value: 'me', label: 'Mine' }]}
          all="Everybody’s"
        />
      </div>
      {shown.length > 0 ? (
        <UploadList uploads={shown} />
      ) : (
        (items.length === 0 || filtered) && (
          <EmptyState
            title={filtered ? 'No upload is in this state' : 'No uploads yet'}
            action={
              filtered ? (
                <Link href="/uploads" className={buttonClass('plain')}>
                  Show all uploads
                </Link>
              ) : (
                <UploadButton onFiles={add} label="Upload the first one" />
              )
            }
          >
            {filtered
              ? undefined
              : 'Drop files anywhere on this page. An upload survives a lost connection and a reload.'}
          </EmptyState>
        )
      )}
      <PageLinks next={older} older="Older uploads" newest="Newest uploads" />
      <p className="text-sm text-ink-2">
        How many uploads may begin in a day is limited.{' '}
        <Link href="/limits" className="underline">
          Ask for more
        </Link>
      </p>
      <DropZone onFiles={add} />
    </div>
  )
}
