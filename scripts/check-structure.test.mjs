import { describe, expect, it } from 'vitest'
import { breaches } from './check-structure.mjs'

describe('structure', () => {
  it.each([
    ['portal/src/modules/sharing/create-share.ts', ''],
    ['portal/src/modules/sharing/rules.ts', '// new Date() belongs to the caller\nexport const a = 1'],
    ['portal/src/modules/sharing/create-share.db.test.ts', 'new Date()'],
    ['portal/src/app/s/[token]/page.tsx', ''],
    ['portal/src/modules/sharing/ui/player.tsx', ''],
    ['engine/src/media/probe.ts', 'Date.now()'],
  ])('accepts %s', (path, text) => {
    expect(breaches(path, text)).toEqual([])
  })

  it.each([
    ['portal/src/modules/sharing/utils.ts', '', 'catch-all'],
    ['engine/src/media/index.ts', '', 'catch-all'],
    ['engine/src/media/media-helpers.ts', '', 'catch-all'],
    ['portal/src/modules/sharing/service.ts', '', 'verb-noun'],
    ['portal/src/modules/cats/create-cat.ts', '', 'no module'],
    ['portal/src/adapters/cats/port.ts', '', 'no adapter'],
    ['portal/src/modules/sharing/rules.ts', 'const t = Date.now()', 'wall clock'],
    ['portal/src/modules/sharing/rules.ts', 'const t = process.env.TZ', 'process.env'],
    ['portal/src/platform/embeddedPostgres.ts', '', 'kebab'],
    ['portal/src/platform/db.ts', '\n'.repeat(601), 'split'],
  ])('refuses %s', (path, text, reason) => {
    expect(breaches(path, text).join()).toContain(reason)
  })
})
