import { X509Certificate } from 'node:crypto'
import { expect, it } from 'vitest'
import { selfSigned } from './certificate.ts'

/** The tags of everything inside; throws where a length takes more bytes than it needs (X.690, 10.1). */
function tagsOf(bytes: Buffer): number[] {
  const tags: number[] = []
  for (let at = 0; at < bytes.length; ) {
    const [tag = 0, first = 0] = bytes.subarray(at, at + 2)
    const more = first < 128 ? 0 : first & 127
    const length = more ? bytes.readUIntBE(at + 2, more) : first
    if (more && length < (more === 1 ? 128 : 256 ** (more - 1))) throw new Error(`${length} in ${more} bytes`)
    const start = at + 2 + more
    tags.push(tag)
    if (tag & 0x20) tags.push(...tagsOf(bytes.subarray(start, start + length)))
    at = start + length
  }
  return tags
}

it('the certificate of tests is DER that strict readers take', () => {
  const { raw, subjectAltName } = new X509Certificate(selfSigned().cert)
  expect(tagsOf(raw).length).toBeGreaterThan(20)
  expect(subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1')
})
