import type { Metadata } from 'next'
import { privacyNotice } from '#portal/modules/privacy/privacy-notice.ts'
import { PrivacyNoticePage } from '#portal/modules/privacy/ui/privacy-notice.tsx'
import { getApp } from '#portal/platform/app.ts'
import { selfInFull } from '../../door.ts'

export const metadata: Metadata = { title: 'Privacy' }

/** For whoever opened a link as well as for members: nobody has to sign in to read it. */
export default async function PrivacyPage() {
  const person = await selfInFull()
  return <PrivacyNoticePage notice={privacyNotice(getApp().settings)} signedIn={person !== null} />
}
