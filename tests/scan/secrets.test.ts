import { expect, test } from 'vitest'
import { trackedTexts } from './git-texts.ts'
import { secretsIn } from './judge-secrets.ts'
import type { Finding } from './scan.ts'

test('[ASVS-13.3.1] no tracked file holds a secret', async () => {
  const findings: Finding[] = []
  let files = 0
  for await (const { where, content } of trackedTexts()) {
    files += 1
    findings.push(...(await secretsIn(where, content)))
  }
  expect(files).toBeGreaterThan(1000)
  expect(findings).toEqual([])
}, 60_000)

test('a key is found, and not repeated', async () => {
  // Made here, in pieces: whole, it would be found in this very file.
  const secret = 'x8Kw2pQv7'
  const [found] = await secretsIn('some.env', `DATABASE_URL=postgres://owner:${secret}@db.example.org/portal`)
  expect(found?.rule).toContain('secretlint-rule')
  expect(JSON.stringify(found)).not.toContain(secret)
})
