import type { Metadata } from 'next'
import { getShare } from '#portal/modules/sharing/queries.ts'
import { ask, mustBeSignedIn } from '../../../../door.ts'
import { ShareDesk } from './share-desk.tsx'

export const metadata: Metadata = { title: 'Share' }

export default async function SharePage({ params }: { params: Promise<{ id: string }> }) {
  await mustBeSignedIn()
  return <ShareDesk share={await ask(getShare, { id: (await params).id })} />
}
