import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import { Document } from '../document.tsx'

export const metadata: Metadata = {
  title: 'A private video · Motion Mavericks',
  referrer: 'no-referrer',
  robots: { index: false, follow: false, nocache: true, noarchive: true },
}

export const viewport: Viewport = { themeColor: '#0d0e11', colorScheme: 'dark' }

/** The screening room is dark for everybody. */
export default function ViewerLayout({ children }: { children: ReactNode }) {
  return <Document theme="dark">{children}</Document>
}
