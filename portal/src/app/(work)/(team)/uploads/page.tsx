import type { Metadata } from 'next'
import { listUploads } from '#portal/modules/uploads/list-uploads.ts'
import { stateFilters } from '#portal/modules/uploads/ui/upload-words.ts'
import { ask, mustBeSignedIn, oneOf } from '../../../door.ts'
import { UploadsBoard } from './uploads-board.tsx'

export const metadata: Metadata = { title: 'Uploads' }

export default async function UploadsPage({
  searchParams,
}: {
  searchParams: Promise<Record<string, string | string[] | undefined>>
}) {
  const person = await mustBeSignedIn()
  const search = await searchParams
  const state = stateFilters.find(({ value }) => value === oneOf(search.state))?.value
  const owner = oneOf(search.owner) === 'me' ? 'me' : undefined
  const cursor = oneOf(search.after)
  const { items, nextCursor } = await ask(listUploads, {
    limit: 30,
    ...(state ? { state } : {}),
    ...(owner ? { owner } : {}),
    ...(cursor ? { cursor } : {}),
  })
  return (
    <UploadsBoard
      personId={person.id}
      organisation={person.organisationName}
      uploads={items}
      state={state}
      owner={owner}
      older={nextCursor}
    />
  )
}
