import { createServer, get } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, expect, it } from 'vitest'
import { createOutboundGuard, isPublicAddress, OutboundRefusal } from './outbound-guard.ts'

const guard = createOutboundGuard()

/** Every way to write a host that lies in this machine or its networks. */
const REFUSED = [
  // Loopback in all of its spellings.
  ...['127.0.0.1', '127.1', '127.0.1', '127.255.255.254', '2130706433', '0x7f000001', '0x7f.1', '0x7f.0.0.1'],
  ...[
    '0177.0.0.1',
    '017700000001',
    '0177.1',
    '127.0.0.1.',
    '127.000.000.001',
    '１２７.0.0.1',
    '127。0。0。1',
  ],
  ...[
    '①②⑦.⓪.⓪.①',
    '%31%32%37.0.0.1',
    '0x7F.0x0.0x0.0x1',
    'localhost',
    'LOCALHOST',
    'localhost.',
    'a.localhost',
  ],
  // This network, private networks, link-local (with clouds' metadata), carrier-grade NAT.
  ...['0', '0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '167772161', '012.0.0.1', '172.16.0.1'],
  ...['172.31.255.254', '192.168.0.1', '192.168.1.254', '3232235777', '0xc0a80001', '169.254.0.1'],
  ...['169.254.169.254', '2852039166', '0xa9fea9fe', '100.64.0.1', '100.127.255.254', '100.100.100.200'],
  // Protocol assignments, documentation, benchmarks, 6to4 relays, multicast, reserved, broadcast.
  ...['192.0.0.1', '192.0.0.170', '192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '198.19.255.254'],
  ...['192.88.99.1', '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', '4294967295'],
  // IPv6: loopback, unspecified, unique local, link-local, site-local, multicast, documentation, discard.
  ...[
    '[::1]',
    '[0:0:0:0:0:0:0:1]',
    '[::]',
    '[fc00::1]',
    '[fd00:ec2::254]',
    '[fe80::1]',
    '[febf::1]',
    '[fec0::1]',
  ],
  ...['[ff02::1]', '[2001:db8::1]', '[3fff::1]', '[100::1]', '[4000::1]', '[5f00::1]'],
  // IPv4 inside IPv6: mapped, compatible, translated, NAT64, 6to4, Teredo, ISATAP.
  ...[
    '[::ffff:127.0.0.1]',
    '[::ffff:7f00:1]',
    '[::ffff:a00:1]',
    '[::ffff:169.254.169.254]',
    '[::ffff:8.8.8.8]',
  ],
  ...['[::127.0.0.1]', '[::7f00:1]', '[::ffff:0:127.0.0.1]', '[64:ff9b::127.0.0.1]', '[64:ff9b::7f00:1]'],
  ...['[64:ff9b:1::a00:1]', '[2002:7f00:1::]', '[2002:c0a8:101::1]', '[2001::7f00:1]'],
  ...['[2620:0:0:1:0:5efe:127.0.0.1]', 'metadata.google.internal', 'printer.local', 'router.home.arpa'],
]

describe('the guard of outbound requests', () => {
  it('[ASVS-1.3.6] knows at least sixty ways in', () => {
    expect(new Set(REFUSED).size).toBeGreaterThanOrEqual(60)
  })

  it.each(REFUSED)('refuses %s', (host) => {
    for (const scheme of ['http', 'https'])
      expect(() => guard.check(`${scheme}://${host}/clip.mp4`)).toThrow(OutboundRefusal)
  })

  it.each([
    'file:///etc/passwd',
    'ftp://example.com/a',
    'gopher://example.com/',
    'data:video/mp4,x',
    'javascript:1',
    '//example.com/a',
    'http://',
    'http://example.com:22/',
    'http://example.com:25/',
    'https://example.com:0/',
    'http://[::1%25eth0]/',
    'http://user@127.0.0.1/',
    'http://example.com@127.0.0.1/',
    'http:\\\\127.0.0.1\\',
    'http://127.0.0.1:80#@example.com/',
  ])('refuses %s', (url) => {
    expect(() => guard.check(url)).toThrow(OutboundRefusal)
  })

  it.each([
    'https://example.com/a.mp4',
    'http://8.8.8.8/',
    'https://example.com:8443/',
    'https://[2606:4700::1111]/',
    `http://${'user:secret'}@example.com/a`,
    'http://0x08080808/',
    'http://172.15.0.1/',
    'http://172.32.0.1/',
    'http://100.63.0.1/',
  ])('[ASVS-13.2.4] lets %s through', (url) => {
    expect(guard.check(url)).toBeInstanceOf(URL)
  })

  it('checks what a name stands for at the moment of the connection', async () => {
    const server = createServer((_req, res) => res.end('reached')).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    const { port } = server.address() as AddressInfo
    // `localhost` past the check of names, as any name could be that points here.
    const url = new URL(`http://localhost:${port}/`)
    const ask = (agent: ReturnType<typeof guard.agentFor>) =>
      new Promise<string>((resolve) => {
        get(url, { agent }, (res) => res.resume().once('end', () => resolve('reached'))).once(
          'error',
          (error) => resolve(error.name),
        )
      })
    expect(await ask(guard.agentFor(url))).toBe('OutboundRefusal')
    for (const allowed of ['localhost', `localhost:${port}`, '*']) {
      const exempt = createOutboundGuard([allowed])
      expect(exempt.check(url.href).href).toBe(url.href)
      expect(await ask(exempt.agentFor(url))).toBe('reached')
    }
    const other = createOutboundGuard([`localhost:${port + 1}`])
    expect(() => other.check(url.href)).toThrow(OutboundRefusal)
    await new Promise((resolve) => server.close(resolve))
  })

  it('takes only addresses for addresses', () => {
    for (const text of ['', 'example.com', '1.2.3.4.5', '::g']) expect(isPublicAddress(text)).toBe(false)
  })
})
