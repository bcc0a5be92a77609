import { expect, it } from 'vitest'
import { clientAddress, networkOf, proxyTrust } from './client-address.ts'

const none = proxyTrust(0)
const one = proxyTrust(1)
const two = proxyTrust(2)
const named = proxyTrust(2, ['203.0.113.0/24', '2001:db8:1::/48', '10.1.2.3'])

it.each([
  ['no proxy: the header is never believed', '198.51.100.7', '1.2.3.4', none, '198.51.100.7'],
  ['a proxy: the entry that it wrote', '10.0.0.2', '1.2.3.4', one, '1.2.3.4'],
  ['what a caller wrote ahead of it is not', '10.0.0.2', '6.6.6.6, 1.2.3.4', one, '1.2.3.4'],
  ['past the proxy: the connection', '198.51.100.7', '6.6.6.6', one, '198.51.100.7'],
  ['two proxies, one behind the other', '10.0.0.2', '6.6.6.6, 1.2.3.4, 203.0.113.9', two, '1.2.3.4'],
  ['fewer entries than hops', '10.0.0.2', '1.2.3.4', two, '1.2.3.4'],
  ['no header from the proxy', '10.0.0.2', undefined, one, '10.0.0.2'],
  ['an entry that is no address', '10.0.0.2', 'unknown', one, '10.0.0.2'],
  ['named proxies: each hop is one of them', '10.1.2.3', '6.6.6.6, 1.2.3.4, 203.0.113.9', named, '1.2.3.4'],
  ['named proxies: a private address is nobody', '10.9.9.9', '6.6.6.6', named, '10.9.9.9'],
  ['named proxies: one entry from elsewhere', '203.0.113.5', '6.6.6.6, 1.2.3.4', named, '1.2.3.4'],
  ['IPv6', '2001:db8:1::5', '2001:db8:2::1', named, '2001:db8:2::1'],
  ['IPv4 in IPv6', '::ffff:10.0.0.2', '::ffff:1.2.3.4', one, '1.2.3.4'],
  ['with ports', '10.0.0.2', '1.2.3.4:5678', one, '1.2.3.4'],
  ['with brackets', '10.0.0.2', '[2001:db8::1]:443', one, '2001:db8::1'],
])('[RLA-01] [ASVS-4.1.3, ASVS-15.3.4] %s', (_, socket, forwarded, trust, address) => {
  expect(clientAddress(socket, forwarded, trust)).toBe(address)
})

it.each([
  ['198.51.100.7', '198.51.100'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
  ['2001:db8:1:2::6', '2001:db8:1:2'],
  ['2001:0db8::1', '2001:db8:0:0'],
  ['::1', '0:0:0:0'],
  ['unknown', 'unknown'],
])('[RLA-01] the network around %s is %s', (address, network) => {
  expect(networkOf(address)).toBe(network)
})
