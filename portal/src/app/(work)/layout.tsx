import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import { Document } from '../document.tsx'
import { chosenTheme } from '../door.ts'

export const metadata: Metadata = {
  title: { default: 'Motion Mavericks', template: '%s · Motion Mavericks' },
  description: 'Share confidential video, and prove who watched and that it stopped when you said so.',
  referrer: 'no-referrer',
  robots: { index: false, follow: false },
}

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#fafafb' },
    { media: '(prefers-color-scheme: dark)', color: '#0d0e11' },
  ],
}

export default async function WorkLayout({ children }: { children: ReactNode }) {
  return <Document theme={await chosenTheme()}>{children}</Document>
}
