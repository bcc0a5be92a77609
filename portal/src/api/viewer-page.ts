import { readFileSync } from 'node:fs'
import type { ViewerAssets } from './viewer-assets.ts'

const TRUSTED_TYPES = readFileSync(new URL('../ui/trusted-types.inline.js', import.meta.url), 'utf8')

/**
 * The document of a share link. It says nothing of the link, and is the same for every one, but for a browser that
 * watches already: that one sees the video's picture at once.
 */
export function viewerPage(assets: ViewerAssets, nonce: string, poster: string | null): string {
  const { script, styles, integrity, firstPaint, posterPaint } = assets
  const links = styles.map((href) => `<link rel="stylesheet" href="${href}" integrity="${integrity[href]}">`)
  // Scripts that come later are named by import(): a map tells the browser their sums as well.
  const map = JSON.stringify({ integrity: Object.fromEntries(scriptsOf(integrity)) })
  return `<!doctype html>
<html lang="en-AU" class="dark">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1, viewport-fit=cover">
<title>A private video · Motion Mavericks</title>
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex, nofollow, noarchive, nocache">
<meta name="theme-color" content="#0d0e11">
<meta name="color-scheme" content="dark">
<link rel="icon" href="/icon.svg" type="image/svg+xml">
<script nonce="${nonce}">${TRUSTED_TYPES}</script>
<script type="importmap" nonce="${nonce}">${map}</script>
${links.join('\n')}
<script type="module" src="${script}" integrity="${integrity[script]}" nonce="${nonce}"></script>
</head>
<body>
<div id="viewer">${poster ? posterPaint.replaceAll('POSTER', () => inAttribute(poster)) : firstPaint}</div>
<noscript><p class="p-6 text-center">This page plays a protected video, and needs JavaScript for that. Switch it on for this site, then load the page again.</p></noscript>
</body>
</html>
`
}

const inAttribute = (url: string) =>
  url.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;')

const scriptsOf = (integrity: Record<string, string>) =>
  Object.entries(integrity).filter(([path]) => path.endsWith('.js'))
