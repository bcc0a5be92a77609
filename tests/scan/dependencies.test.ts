import { expect, test } from 'vitest'
import { auditFindings, lockFindings, readPackages } from './dependencies.ts'

test('[ASVS-15.2.1] every package is of an exact version, with its hash, from a registry, without a script', async () => {
  const { lock, manifests } = await readPackages()
  expect(Object.keys(lock.packages).length).toBeGreaterThan(300)
  expect(lockFindings(lock, manifests)).toEqual([])
})

test('a loose version, a missing hash, a foreign source and an install script are found', () => {
  const lock = {
    packages: {
      'node_modules/a': { version: '1.0.0' },
      'node_modules/b': { integrity: 'sha512-AA', resolved: 'git+ssh://elsewhere/b', hasInstallScript: true },
    },
  }
  const rules = lockFindings(lock, { 'package.json': { dependencies: { a: '^1.0.0' } } }).map(
    ({ rule }) => rule,
  )
  expect(rules).toEqual(['exact-version', 'integrity', 'source', 'install-script'])
})

test('advisories are findings; a registry that does not answer is no pass', () => {
  const flawed = {
    vulnerabilities: { a: { severity: 'high', via: [{ title: 'Leaks', url: 'https://x.test/1' }] } },
  }
  expect(auditFindings(JSON.stringify(flawed))).toEqual([
    { where: 'a', rule: 'advisory (high)', what: 'Leaks https://x.test/1' },
  ])
  expect(auditFindings(JSON.stringify({ vulnerabilities: {} }))).toEqual([])
  for (const answer of ['', '{"error":{"code":"ENOAUDIT"}}']) expect(auditFindings(answer)).toBeNull()
})
