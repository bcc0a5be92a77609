import type { Metadata } from 'next'
import { UnsubscribeCard } from '#portal/modules/notifications/ui/unsubscribe-card.tsx'

export const metadata: Metadata = { title: 'Mails about your shares' }

export default function UnsubscribePage() {
  return <UnsubscribeCard />
}
