import { randomBytes } from 'node:crypto'

const ALPHABET = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz'

export type IdPrefix =
  | 'usr'
  | 'org'
  | 'inv'
  | 'vid'
  | 'upl'
  | 'shr'
  | 'vwr'
  | 'evt'
  | 'req'
  | 'ses'
  | 'sub'
  | 'mail'
  | 'whe'
  | 'whr'
  | 'key'
  | 'prf'
  | 'pky'
  | 'alt'
  | 'agr'
  | 'ext'
  | 'dwn'
  | 'apk'
  | 'emg'
  | 'stf'
  | 'rvk'
  | 'bar'
  | 'stp'
  | 'prb'
  | 'slv'
  | 'shc'
  | 'rec'
  | 'fnd'
  | 'ret'
  | 'seg'
  | 'snp'
  | 'tex'
  | 'lov'
  | 'bgt'
  | 'lga'
  | 'lrv'
  | 'lsv'
  | 'abd'
  | 'ers'
  | 'fad'

/** An opaque identifier: prefix, underscore, 22 base58 characters (128 random bits). */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${randomBase58(22)}`
}

/** `length` characters of base58, each from its own random byte without modulo bias. */
export function randomBase58(length: number): string {
  let text = ''
  while (text.length < length) {
    const byte = nextRandomByte()
    if (byte < 232) text += ALPHABET[byte % 58]
  }
  return text
}

// Fetched by the page: a call to the system's source of randomness costs more than an identifier.
let page = Buffer.alloc(0)
let taken = 0

/** Each byte is given out once. */
function nextRandomByte(): number {
  if (taken === page.length) {
    page = randomBytes(4096)
    taken = 0
  }
  return page[taken++] as number
}
