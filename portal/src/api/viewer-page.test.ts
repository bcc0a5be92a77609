import { expect, it } from 'vitest'
import { viewerPage } from './viewer-page.ts'

const assets = {
  files: new Map(),
  script: '/_viewer/assets/main.js',
  styles: [],
  integrity: {},
  firstPaint: '<p>card</p>',
  posterPaint: '<link href="POSTER"><img src="POSTER" alt="">',
}

it('shows the card, or the picture in its place to whoever was given one', () => {
  expect(viewerPage(assets, 'n', null)).toContain('<div id="viewer"><p>card</p></div>')
  expect(viewerPage(assets, 'n', null)).not.toContain('<img')
  const page = viewerPage(assets, 'n', 'https://x.test/a.jpg?token="><script>$&&b=1')
  expect(page).toContain('<img src="https://x.test/a.jpg?token=&quot;>&lt;script>$&amp;&amp;b=1" alt="">')
  expect(page).not.toMatch(/card|POSTER/)
})
