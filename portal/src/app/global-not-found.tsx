import type { Metadata } from 'next'
import { Document } from './document.tsx'
import { chosenTheme } from './door.ts'
import { NothingHere } from './nothing-here.tsx'

export const metadata: Metadata = {
  title: 'Nothing here · Motion Mavericks',
  referrer: 'no-referrer',
  robots: { index: false },
}

/** An address that no page has; outside both root layouts, so it brings its own document. */
export default async function GlobalNotFound() {
  return (
    <Document theme={await chosenTheme()}>
      <NothingHere />
    </Document>
  )
}
