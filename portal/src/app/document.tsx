import { headers } from 'next/headers'
import type { ReactNode } from 'react'
import { nonceOf } from '#portal/platform/security-headers.ts'
import trustedTypes from '#portal/ui/trusted-types.inline.js'
import '#portal/ui/theme.css'

/** The HTML around every page: language, theme, and the Trusted Types policy ahead of all other scripts. */
export async function Document({
  theme,
  children,
}: {
  theme: 'light' | 'dark' | undefined
  children: ReactNode
}) {
  const nonce = nonceOf((await headers()).get('content-security-policy'))
  return (
    <html lang="en-AU" className={theme}>
      <head>
        {/* biome-ignore lint/security/noDangerouslySetInnerHtml: our own file, needed before any script runs */}
        <script nonce={nonce} suppressHydrationWarning dangerouslySetInnerHTML={{ __html: trustedTypes }} />
      </head>
      <body>{children}</body>
    </html>
  )
}
