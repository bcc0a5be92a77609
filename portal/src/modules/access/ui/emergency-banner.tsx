import Link from 'next/link'
import { Instant } from '#portal/ui/time.tsx'

/** Stands above every page while its reader holds extra rights. */
export function EmergencyBanner({ until }: { until: string }) {
  return (
    <p role="status" className="mb-5 rounded-control bg-stop-bg px-3 py-2 text-sm text-stop">
      You have emergency access until <Instant at={until} />. Every use is logged.{' '}
      <Link href="/admin/emergency" prefetch={false} className="font-medium underline">
        End it as soon as you can
      </Link>
    </p>
  )
}
