import type { Metadata } from 'next'
import { getPreferences } from '#portal/modules/notifications/notification-preferences.ts'
import { NewsSection } from '#portal/modules/notifications/ui/news-section.tsx'
import { ask, mustBeSignedIn } from '../../../../door.ts'

export const metadata: Metadata = { title: 'Notifications' }

export default async function NotificationsPage() {
  await mustBeSignedIn()
  return <NewsSection chosen={await ask(getPreferences, {})} />
}
