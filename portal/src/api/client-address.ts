import { BlockList, isIP } from 'node:net'

/** RFC 1918, RFC 4193, link-local and loopback: where reverse proxies usually stand. */
const PRIVATE: [string, number, 'ipv4' | 'ipv6'][] = [
  ['127.0.0.0', 8, 'ipv4'],
  ['10.0.0.0', 8, 'ipv4'],
  ['172.16.0.0', 12, 'ipv4'],
  ['192.168.0.0', 16, 'ipv4'],
  ['169.254.0.0', 16, 'ipv4'],
  ['::1', 128, 'ipv6'],
  ['fc00::', 7, 'ipv6'],
  ['fe80::', 10, 'ipv6'],
]

export type ProxyTrust = { hops: number; isProxy: (address: string, hop: number) => boolean }

/**
 * @param networks CIDRs of the proxies. Where there are none, whoever connects must do so from a private network, and the
 * proxies before that one are believed by their number alone.
 */
export function proxyTrust(hops: number, networks: readonly string[] = []): ProxyTrust {
  const list = new BlockList()
  if (networks.length === 0)
    for (const [address, bits, family] of PRIVATE) list.addSubnet(address, bits, family)
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    const family = isIP(address) === 6 ? 'ipv6' : 'ipv4'
    list.addSubnet(address, bits === undefined ? (family === 'ipv6' ? 128 : 32) : Number(bits), family)
  }
  const listed = (address: string) =>
    isIP(address) !== 0 && list.check(address, isIP(address) === 6 ? 'ipv6' : 'ipv4')
  return { hops, isProxy: (address, hop) => (hop > 0 && networks.length === 0) || listed(address) }
}

/**
 * The address that the outermost trusted proxy saw. X-Forwarded-For is read from its end, one entry a hop, and only as
 * far as each entry was written by a proxy of ours: whoever reaches the portal past them, or writes the header themselves,
 * is known by the address of their connection.
 */
export function clientAddress(
  socket: string | undefined,
  forwarded: string | undefined,
  trust: ProxyTrust,
): string {
  let address = plain(socket ?? '')
  const entries = (forwarded ?? '').split(',').map((entry) => plain(entry.trim()))
  for (let hop = 0; hop < trust.hops && trust.isProxy(address, hop); hop += 1) {
    const before = entries.pop()
    if (before === undefined || isIP(before) === 0) break
    address = before
  }
  return address || 'unknown'
}

/**
 * By what connections are counted: the address, of IPv6 its /64, which one subscriber has whole. Null for a reverse proxy
 * of ours: behind it stand many.
 */
export function addressOwner({
  TRUST_PROXY,
  TRUSTED_PROXIES,
}: {
  TRUST_PROXY: number
  TRUSTED_PROXIES?: readonly string[] | undefined
}): (address: string) => string | null {
  const trust = proxyTrust(TRUST_PROXY, TRUSTED_PROXIES)
  return (address) => {
    const bare = plain(address)
    if (trust.hops > 0 && trust.isProxy(bare, 0)) return null
    return isIP(bare) === 6 ? networkOf(bare) : bare
  }
}

/** Without brackets, port, zone, or the IPv6 form of an IPv4 address. */
function plain(address: string): string {
  const bare = /^\[([^\]]+)\](:\d+)?$/.exec(address)?.[1] ?? address.replace(/^([\d.]+):\d+$/, '$1')
  return bare.replace(/%.*$/, '').replace(/^::ffff:(?=\d+\.)/i, '')
}

/** What one machine or household can have: an IPv4 address, or the /64 of an IPv6 one. */
export const sourceOf = (address: string) => (isIP(address) === 6 ? networkOf(address) : address)

/** The /24 or /64 that an address lies in; an address that is none stands for itself. */
export function networkOf(address: string): string {
  const family = isIP(address)
  if (family === 4) return address.slice(0, address.lastIndexOf('.'))
  if (family !== 6) return address
  const [head = '', tail] = address.split('::')
  const left = head === '' ? [] : head.split(':')
  const right = tail === undefined || tail === '' ? [] : tail.split(':')
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length
  const groups = [...left, ...Array<string>(Math.max(0, zeros)).fill('0'), ...right]
  return groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')
}
