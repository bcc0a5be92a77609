#!/usr/bin/env node
// Verifies a transparency log, an export of one, or the receipt of one event, trusting nobody but the keys given:
//
//   node verifier.mjs log https://portal.example/audit | FOLDER  --vkey KEY…   (C2SP tlog-tiles, anybody's)
//   node verifier.mjs export audit-log.jsonl                     --vkey KEY…
//   node verifier.mjs receipt event.tlog-proof                   --vkey KEY…
//
// One file, nothing beyond Node 20.16: written apart from the portal's own code on purpose, so that a mistake there
// is not repeated here. In a browser the same file verifies receipts. Standards: RFC 9162 2.1 (tree), RFC 8785
// (canonical JSON), C2SP signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-proof, static-ct-api.

const MAX_FAULTS = 100
const MAX_NOTE = 131_072
const MAX_ENTRY = 16_384
const MAX_BUNDLE = 2 ** 25

const builtin = (name) => globalThis.process?.getBuiltinModule?.(`node:${name}`)
const nodeCrypto = builtin('crypto')

// ——— Bytes ———

const utf8 = (text) => new TextEncoder().encode(text)
const textOf = (bytes) => new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
const hexOf = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')

function isSame(a, b) {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false
  return true
}

function joined(...parts) {
  const all = new Uint8Array(parts.reduce((length, part) => length + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

function toBase64(bytes) {
  let text = ''
  for (const byte of bytes) text += String.fromCharCode(byte)
  return btoa(text)
}

/** Standard base64 in its one canonical spelling, or null. */
function fromBase64(text) {
  try {
    const bytes = Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0))
    return toBase64(bytes) === text ? bytes : null
  } catch {
    return null
  }
}

function bigEndian(value, length) {
  const bytes = new Uint8Array(length)
  let rest = BigInt(value)
  for (let i = length - 1; i >= 0; i--) {
    bytes[i] = Number(rest & 255n)
    rest >>= 8n
  }
  return bytes
}

const numberIn = (bytes) => bytes.reduce((value, byte) => value * 256n + BigInt(byte), 0n)

// ——— RFC 9162, section 2.1 ———

/** SHA-256 at once; in Node alone. */
const hashNow = (bytes) => nodeCrypto.createHash('sha256').update(bytes).digest()
const sha256 = async (...parts) =>
  nodeCrypto
    ? hashNow(joined(...parts))
    : new Uint8Array(await crypto.subtle.digest('SHA-256', joined(...parts)))

const LEAF = Uint8Array.of(0)
const NODE = Uint8Array.of(1)
const leafNow = (entry) => nodeCrypto.createHash('sha256').update(LEAF).update(entry).digest()
const nodeNow = (left, right) =>
  nodeCrypto.createHash('sha256').update(NODE).update(left).update(right).digest()
const hashNode = (left, right) => sha256(NODE, left, right)

const isCount = (value) => Number.isSafeInteger(value) && value >= 0

/** RFC 9162 2.1.1: the largest power of two smaller than `width`. */
function splitOf(width) {
  let half = 1
  while (half * 2 < width) half *= 2
  return half
}

/** A tree that only remembers its perfect subtrees, widest first. */
class GrowingTree {
  size = 0
  #subtrees = []

  /** Appends a perfect subtree, which must begin where one of its width may. */
  append(hash, width = 1) {
    let subtree = { hash, width }
    while (this.#subtrees.at(-1)?.width === subtree.width) {
      subtree = { hash: nodeNow(this.#subtrees.pop().hash, subtree.hash), width: subtree.width * 2 }
    }
    this.#subtrees.push(subtree)
    this.size += width
  }

  root() {
    if (this.size === 0) return hashNow('')
    return this.#subtrees.map(({ hash }) => hash).reduceRight((right, left) => nodeNow(left, right))
  }
}

/**
 * RFC 9162 2.1.3.2, by recursion over the tree's shape: whether the proof leads from the leaf to the root.
 * @param {{ index: number, size: number, leafHash: Uint8Array, proof: Uint8Array[], root: Uint8Array }} claim
 */
export async function verifyInclusion({ index, size, leafHash, proof, root }) {
  if (!(isCount(index) && isCount(size) && index < size && leafHash.length === 32)) return false
  const rest = [...proof]
  const climb = async (start, end) => {
    if (end - start === 1) return leafHash
    const middle = start + splitOf(end - start)
    const isLeft = index < middle
    const inner = await (isLeft ? climb(start, middle) : climb(middle, end))
    const sibling = rest.shift()
    if (!inner || !sibling) return null
    return isLeft ? hashNode(inner, sibling) : hashNode(sibling, inner)
  }
  const found = await climb(0, size)
  return found !== null && rest.length === 0 && isSame(found, root)
}

/**
 * RFC 9162 2.1.4.2, by recursion: whether the first tree is the beginning of the second. An empty first tree proves
 * nothing and is refused, unless both are empty.
 * @param {{ size1: number, size2: number, root1: Uint8Array, root2: Uint8Array, proof: Uint8Array[] }} claim
 */
export async function verifyConsistency({ size1, size2, root1, root2, proof }) {
  if (!(isCount(size1) && isCount(size2) && size1 <= size2)) return false
  if (size1 === 0)
    return size2 === 0 && proof.length === 0 && isSame(root1, root2) && isSame(root1, await sha256())
  const rest = [...proof]
  /** Old and new hash over the first `old` of `width` leaves; on the left edge the old root is known. */
  const climb = async (old, width, onLeftEdge) => {
    if (old === width) {
      const hash = onLeftEdge ? root1 : rest.shift()
      return hash ? [hash, hash] : null
    }
    const half = splitOf(width)
    const isLeft = old <= half
    const inner = await (isLeft ? climb(old, half, onLeftEdge) : climb(old - half, width - half, false))
    const sibling = rest.shift()
    if (!inner || !sibling) return null
    const [before, after] = inner
    return isLeft
      ? [before, await hashNode(after, sibling)]
      : [await hashNode(sibling, before), await hashNode(sibling, after)]
  }
  const found = await climb(size1, size2, true)
  return found !== null && rest.length === 0 && isSame(found[0], root1) && isSame(found[1], root2)
}

// ——— C2SP signed-note: keys and signatures ———

const ED25519_SPKI = '302a300506032b6570032100'
const ML_DSA_44_SPKI = '30820532300b06096086480165030403110382052100'
const bytesOfHex = (hex) => Uint8Array.from(hex.match(/../g), (pair) => Number.parseInt(pair, 16))

async function verifyEd25519({ material }, message, signature) {
  if (nodeCrypto) {
    const key = publicKeyOf(joined(bytesOfHex(ED25519_SPKI), material))
    return nodeCrypto.verify(null, message, key, signature)
  }
  const key = await crypto.subtle.importKey('raw', material, 'Ed25519', false, ['verify']).catch(() => {
    throw new Error('this browser cannot check Ed25519 signatures: take a newer one, or Node')
  })
  return await crypto.subtle.verify('Ed25519', key, signature, message)
}

function publicKeyOf(spki) {
  if (!nodeCrypto) throw new Error('signatures of this kind are checked by Node, not in a browser')
  return nodeCrypto.createPublicKey({ key: Buffer.from(spki), format: 'der', type: 'spki' })
}

/** C2SP tlog-cosignature: the time, then the signature over it and the checkpoint. */
async function verifyCosignature(key, text, signature) {
  const time = numberIn(signature.subarray(0, 8))
  const message = utf8(`cosignature/v1\ntime ${time}\n${text}`)
  return (await verifyEd25519(key, message, signature.subarray(8))) && { time: Number(time) }
}

/** The same by ML-DSA-44, over a structure that names cosigner, log and tree. */
async function verifyMlDsaCosignature(key, text, signature) {
  const head = parseCheckpoint(text)
  const [name, origin] = [utf8(key.name), utf8(head?.origin ?? '')]
  if (!head || signature.length !== 2428 || name.length > 255 || origin.length > 255) return false
  const time = signature.subarray(0, 8)
  const named = (bytes) => joined(Uint8Array.of(bytes.length), bytes)
  const range = [bigEndian(0, 8), bigEndian(head.size, 8), head.root]
  const message = joined(utf8('subtree/v1\n\0'), named(name), time, named(origin), ...range)
  const publicKey = publicKeyOf(joined(bytesOfHex(ML_DSA_44_SPKI), key.material))
  return (
    nodeCrypto.verify(null, message, publicKey, signature.subarray(8)) && { time: Number(numberIn(time)) }
  )
}

/** C2SP static-ct-api: a TreeHeadSignature of RFC 6962, which says nothing of the log's name. */
function verifyTreeHead(key, text, signature) {
  const head = parseCheckpoint(text)
  const [hash, kind] = signature.subarray(8)
  const length = Number(numberIn(signature.subarray(10, 12)))
  const isSound = head?.extensions.length === 0 && hash === 4 && signature.length === 12 + length
  if (!isSound || ![1, 3].includes(kind)) return false
  const time = signature.subarray(0, 8)
  const message = joined(Uint8Array.of(0, 1), time, bigEndian(head.size, 8), head.root)
  const isGood = nodeCrypto?.verify('sha256', message, publicKeyOf(key.material), signature.subarray(12))
  return isGood && { time: Number(numberIn(time)) / 1000 }
}

/** By signature type of C2SP signed-note; each answers false, or a truth that may hold a time in seconds. */
const KINDS = {
  1: {
    length: 32,
    verify: async (key, text, signature) => (await verifyEd25519(key, utf8(text), signature)) && {},
  },
  2: {
    idOf: (_, spki) => sha256(spki),
    verify: (key, text, signature) =>
      nodeCrypto.verify('sha256', utf8(text), publicKeyOf(key.material), signature) && {},
  },
  4: { length: 32, verify: verifyCosignature },
  5: {
    idOf: async (name, spki) => sha256(utf8(`${name}\n`), Uint8Array.of(5), await sha256(spki)),
    verify: verifyTreeHead,
  },
  6: { length: 1312, verify: verifyMlDsaCosignature },
}

/**
 * Reads a verifier key, `<name>+<key ID in hex>+<base64 of type and public key>`.
 * @throws Error where it is none, or damaged
 */
export async function parseVkey(vkey) {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(vkey)
  const key = match && fromBase64(match[3])
  const kind = KINDS[key?.[0]]
  const material = key?.subarray(1)
  if (!kind || material.length < 32 || (kind.length ?? material.length) !== material.length)
    throw new Error(`"${vkey}" is not a verifier key of a kind that is known here`)
  const name = match[1]
  const digest = await (kind.idOf?.(name, material) ?? sha256(utf8(`${name}\n`), key))
  const id = hexOf(digest.subarray(0, 4))
  if (id !== match[2]) throw new Error(`"${vkey}" is damaged: its ID is not that of its key`)
  return { vkey, name, id, kind, material }
}

/**
 * The text of a note and the known keys that signed it, or `fault`: why it is not to be believed. Signatures of
 * strangers are passed over; a wrong one of a known key spoils the note.
 */
async function openNote(note, keys) {
  const fault = (message) => ({ fault: message, text: null, signatures: [] })
  if (typeof note !== 'string' || note.length > MAX_NOTE) return fault('not a signed note')
  const split = note.lastIndexOf('\n\n')
  const hasControls = [...note].some((letter) => letter < ' ' && letter !== '\n')
  if (split < 1 || !note.endsWith('\n') || hasControls) return fault('not a signed note')
  const text = note.slice(0, split + 1)
  const signatures = []
  for (const line of note.slice(split + 2, -1).split('\n')) {
    const match = /^— ([^\s+]+) (\S+)$/u.exec(line)
    const bytes = match && fromBase64(match[2])
    if (!bytes || bytes.length < 5) return fault('a line that is no signature stands among the signatures')
    const id = hexOf(bytes.subarray(0, 4))
    const key = keys.find((known) => known.name === match[1] && known.id === id)
    if (!key) continue
    const verdict = await key.kind.verify(key, text, bytes.subarray(4))
    if (!verdict) return fault(`the signature of ${key.name} is wrong`)
    signatures.push({ key, time: verdict.time ?? null })
  }
  return { fault: null, text, signatures }
}

// ——— C2SP tlog-checkpoint ———

/** Origin, size and root in the text of a note, or null. */
function parseCheckpoint(text) {
  const [origin, sizeLine, rootLine, ...extensions] = text.slice(0, -1).split('\n')
  const size = Number(sizeLine)
  const root = rootLine === undefined ? null : fromBase64(rootLine)
  const isSound = origin !== '' && isCount(size) && String(size) === sizeLine && root?.length === 32
  return isSound && !extensions.includes('') ? { origin, size, root, extensions } : null
}

/** A key that is retired, with the size of the last head that it may have signed, where that is given: `KEY@SIZE`. */
async function parseRetired(text) {
  const [, vkey, untilSize] = /^(.*?)(?:@(\d+))?$/.exec(text)
  return { ...(await parseVkey(vkey)), untilSize: Number(untilSize ?? Number.MAX_SAFE_INTEGER) }
}

/** A log may say with its own key, and a time, that a head is its newest (a cosignature of itself); null for other kinds. */
async function confirmingKey({ name, kind, material }) {
  if (kind !== KINDS[1]) return null
  const key = joined(Uint8Array.of(4), material)
  const id = hexOf((await sha256(utf8(`${name}\n`), key)).subarray(0, 4))
  return { name, id, kind: KINDS[4], material }
}

/** Whom to believe: keys of the log, in use and retired, and witnesses, of whom `threshold` must have cosigned. */
class Trust {
  static async of({ vkeys, retired = [], witnesses = [], threshold }) {
    const trust = new Trust()
    trust.current = await Promise.all(vkeys.map(parseVkey))
    trust.retired = await Promise.all(retired.map(parseRetired))
    trust.witnesses = await Promise.all(witnesses.map(parseVkey))
    trust.confirming = await Promise.all(trust.current.map(confirmingKey))
    trust.threshold = threshold ?? witnesses.length
    if (trust.current.length === 0) throw new Error('a key of the log is needed')
    if (trust.threshold > witnesses.length)
      throw new Error(`${trust.threshold} witnesses are asked for, ${witnesses.length} are given`)
    return trust
  }

  /** A note that a key of the log signed; `isCurrent` unless only retired ones did. */
  async open(note) {
    const known = [...this.current, ...this.retired, ...this.witnesses, ...this.confirming.filter(Boolean)]
    const opened = await openNote(note, known)
    if (opened.fault) return opened
    const by = (keys) => opened.signatures.filter(({ key }) => keys.includes(key))
    const isCurrent = by(this.current).length > 0
    const retired = by(this.retired)
    if (!isCurrent && retired.length === 0) return { fault: 'none of the keys given for the log signed it' }
    const untilSize = Math.max(...retired.map(({ key }) => key.untilSize))
    // One witness counts once, however often its line stands there.
    const seen = new Map(by(this.witnesses).map(({ key, time }) => [key.name, { name: key.name, time }]))
    const confirmedAt = by(this.confirming)[0]?.time ?? null
    return { ...opened, isCurrent, untilSize, confirmedAt, witnesses: [...seen.values()] }
  }

  /** A signed head of the log, or `fault`. */
  async openCheckpoint(note, origin) {
    const opened = await this.open(note)
    if (opened.fault) return opened
    const head = parseCheckpoint(opened.text)
    if (!head) return { fault: 'what was signed is no checkpoint' }
    if (origin !== undefined && head.origin !== origin)
      return { fault: `it is a checkpoint of another log, ${head.origin}` }
    const { isCurrent, untilSize, confirmedAt, witnesses } = opened
    if (!isCurrent && head.size > untilSize)
      return { fault: `a retired key alone signed it, whose last head had ${untilSize} entries` }
    return { ...head, fault: null, isCurrent, confirmedAt, witnesses }
  }

  /** What is missing of the cosignatures that were asked for, or null. */
  missing({ witnesses }) {
    if (witnesses.length >= this.threshold) return null
    return `${witnesses.length} of the witnesses given cosigned the head; ${this.threshold} are asked for`
  }

  proved({ witnesses, confirmedAt }) {
    const at = (time) => new Date(time * 1000).toISOString()
    const seen = witnesses.map(({ name, time }) => (time ? `${name} at ${at(time)}` : name))
    return [
      ...(seen.length
        ? [`the head was cosigned by ${seen.join(', ')}: each saw one unbroken log up to it`]
        : []),
      ...(confirmedAt ? [`the log itself said at ${at(confirmedAt)} that this was its newest head`] : []),
    ]
  }

  notProved({ witnesses }) {
    return witnesses.length
      ? []
      : [
          'no witness: nobody else vouches that there is one log. Compare checkpoints with other holders, or give keys of witnesses',
        ]
  }
}

// ——— The event schema, version 1 ———

const ADDRESS = /[^\s@"<>]+@[^\s@"<>]+\.[^\s@"<>]+/
const CODE = /^[a-z][a-z0-9_]{0,63}$/
const NAME = /^[a-zA-Z][a-zA-Z0-9_]{0,63}$/
const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/

const isText = (pattern) => (value) => typeof value === 'string' && pattern.test(value)
const isOneOf =
  (...values) =>
  (value) =>
    values.includes(value)
const orNull = (check) => (value) => value === null || check(value)
const isObject = (value) => typeof value === 'object' && value !== null && !Array.isArray(value)
const isIdentifier = isText(/^[!-~]{1,128}$/)
const isPseudonym = (value) => isIdentifier(value) && !ADDRESS.test(value)
const isInstant = (value) =>
  typeof value === 'string' &&
  /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}\.\d{3}Z$/.test(value) &&
  !Number.isNaN(Date.parse(value)) &&
  new Date(value).toISOString() === value

function isScalar(value) {
  if (typeof value === 'string') return value.length <= 512 && !ADDRESS.test(value)
  return value === null || typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value))
}
const isGroupOf = (check) => (value) =>
  isObject(value) &&
  Object.keys(value).length <= 32 &&
  Object.entries(value).every(([name, member]) => NAME.test(name) && check(member))
const isScalarGroup = isGroupOf(isScalar)
const isDetail = (value) =>
  Array.isArray(value)
    ? value.length <= 100 && value.every((item) => isScalar(item) || isScalarGroup(item))
    : isScalar(value) || isScalarGroup(value)

/** An object with exactly these members; those named in `optional` may be absent. */
const isShape =
  (members, optional = []) =>
  (value) =>
    isObject(value) &&
    Object.keys(value).every((name) => Object.hasOwn(members, name)) &&
    Object.entries(members).every(([name, check]) =>
      Object.hasOwn(value, name) ? check(value[name]) : optional.includes(name),
    )

const SCHEMAS = {
  1: isShape(
    {
      schemaVersion: isOneOf(1),
      id: isText(/^evt_[1-9A-HJ-NP-Za-km-z]{22}$/),
      time: isInstant,
      action: (value) => isText(/^[a-z][a-z0-9_-]*(\.[a-z][a-z0-9_-]*)+$/)(value) && value.length <= 64,
      actor: isShape({
        kind: isOneOf('user', 'viewer', 'system', 'command', 'anonymous'),
        pseudonym: isPseudonym,
        role: isOneOf('guest', 'agency', 'admin', null),
      }),
      target: isShape({ type: isText(CODE), id: isPseudonym }),
      outcome: isOneOf('allowed', 'refused', 'failed'),
      reason: orNull(isText(CODE)),
      region: isText(/^[A-Z][A-Z0-9-]{1,15}$/),
      requestId: isIdentifier,
      classification: isOneOf('confidential', 'sensitive', 'restricted', 'protected', 'internal'),
      details: isGroupOf(isDetail),
      personal: isShape({
        subject: isPseudonym,
        ciphertext: (value) => isText(BASE64)(value) && value.length <= 12_288,
      }),
    },
    ['personal'],
  ),
}

/** RFC 8785. */
function canonicalJson(value) {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'string' && /\p{Surrogate}/u.test(value)) throw new TypeError('a lone surrogate')
  if (!isObject(value)) return JSON.stringify(value)
  const members = Object.keys(value)
    .sort()
    .map((name) => `${JSON.stringify(name)}:${canonicalJson(value[name])}`)
  return `{${members.join(',')}}`
}

/** The event in an entry, or null where it follows no schema version that this verifier knows. */
export function readEvent(entry) {
  try {
    const event = JSON.parse(entry)
    const isKnown = isObject(event) && SCHEMAS[event.schemaVersion]?.(event) === true
    return isKnown && utf8(entry).length <= MAX_ENTRY && canonicalJson(event) === entry ? event : null
  } catch {
    return null
  }
}

// ——— What was found ———

const words = (count, one, many = `${one}s`) => `${count} ${count === 1 ? one : many}`

class Findings {
  report = {
    ok: false,
    kind: '',
    origin: null,
    size: 0,
    root: null,
    checkpoints: 0,
    pending: 0,
    entries: { read: 0, byHashAlone: 0 },
    witnesses: [],
    actions: {},
    proved: [],
    notProved: [],
    faults: [],
  }

  constructor(kind) {
    this.report.kind = kind
  }

  fault(code, message, line) {
    const { faults } = this.report
    if (faults.length < MAX_FAULTS) faults.push({ code, ...(line ? { line } : {}), message })
  }

  /** Counts an entry's event; false where it is none. */
  tally(entry) {
    const event = typeof entry === 'string' ? readEvent(entry) : null
    if (!event) return false
    this.noted?.(event)
    this.report.actions[event.action] ??= { allowed: 0, refused: 0, failed: 0 }
    this.report.actions[event.action][event.outcome] += 1
    return true
  }

  /** @param {() => string[]} proved @param {string[]} notProved */
  end(proved, notProved) {
    const { report } = this
    report.actions = Object.fromEntries(Object.entries(report.actions).sort(([a], [b]) => (a < b ? -1 : 1)))
    report.ok = report.faults.length === 0
    if (report.ok) report.proved = proved()
    report.notProved = notProved
    return report
  }
}

const ONE_LOOK = 'that nothing was rolled back since you last looked: give an old checkpoint'
const provedOld = (old) =>
  `the old checkpoint over ${words(old.size, 'entry', 'entries')} is the beginning of this log`

// ——— An export ———

class ExportCheck extends Findings {
  #trust
  #old = null
  #oldNote
  #tree = new GrowingTree()
  #digest = nodeCrypto.createHash('sha256')
  #lines = 0
  #head = null
  #last = null
  #sealed = null
  #ranges = new Map()
  #isSealed = false
  #isOldFound = false

  constructor(trust, oldNote) {
    super('export')
    this.#trust = trust
    this.#oldNote = oldNote
  }

  fault(code, message) {
    super.fault(code, message, this.#lines)
  }

  /** Takes the next line, without its newline; answers a promise where a signature has to be checked. */
  line(bytes) {
    this.#lines += 1
    const value = this.#parse(bytes)
    if (this.#isSealed) this.fault('seal', 'something stands behind the seal')
    const seal = value?.type === 'seal' ? this.#digest.copy().digest('base64') : null
    this.#digest.update(bytes).update('\n')
    if (value === null) return null
    if (seal !== null) return this.#checkSeal(value, seal)
    if ((this.#lines === 1) !== (value.type === 'header'))
      return this.fault('format', 'an export begins with its one header')
    switch (value.type) {
      case 'header':
        return this.#checkHeader(value)
      case 'entry':
        return this.#checkEntry(value)
      case 'leaf':
        return this.#checkLeaf(value)
      case 'sealed':
        return this.#checkSealed(value)
      case 'checkpoint':
        return this.#checkCheckpoint(value)
      case 'pending':
        return this.#checkPending(value)
      default:
        return this.fault('format', `unknown kind of line: ${JSON.stringify(value.type)}`)
    }
  }

  #parse(bytes) {
    try {
      const text = textOf(bytes)
      const value = JSON.parse(text)
      if (isObject(value) && JSON.stringify(value) === text) return value
    } catch {}
    this.fault('format', 'not a line as the portal writes it')
    return null
  }

  async #checkHeader(header) {
    const isHeader =
      header.format === 'motion-mavericks-audit-export' &&
      header.version === 1 &&
      typeof header.origin === 'string'
    if (!isHeader) return this.fault('format', 'not a header of version 1')
    this.report.origin = header.origin
    if (!this.#trust.current.some(({ vkey }) => vkey === header.vkey))
      this.fault('key', 'the export names another verifier key than the one given')
    const head = await this.#trust.openCheckpoint(header.checkpoint, header.origin)
    if (head.fault) this.fault('signature', `the head of the log: ${head.fault}`)
    else if (!head.isCurrent) this.fault('signature', 'the head of the log is signed by a retired key alone')
    else this.#head = head
    if (this.#oldNote === undefined) return
    const old = await this.#trust.openCheckpoint(this.#oldNote, header.origin)
    if (old.fault) this.fault('old-checkpoint', `the old checkpoint: ${old.fault}`)
    else this.#old = old
    this.#compareOld()
  }

  /** What was signed once must still be the beginning of the log. */
  #compareOld() {
    if (this.#old?.size !== this.#tree.size) return
    this.#isOldFound = true
    if (isSame(this.#old.root, this.#tree.root())) return
    this.fault('fork', `the first ${this.#old.size} entries are not those of the old checkpoint`)
  }

  #checkEntry({ index, entry }) {
    if (typeof entry !== 'string') return this.fault('format', 'an entry without text')
    this.#append(index, leafNow(entry))
    this.report.entries.read += 1
    if (!this.tally(entry)) this.fault('schema', `entry ${index} does not follow the event schema`)
  }

  /** The hash of an entry whose bytes were purged. */
  #checkLeaf({ index, leafHash }) {
    const hash = typeof leafHash === 'string' ? fromBase64(leafHash) : null
    if (hash?.length !== 32) return this.fault('format', 'a leaf without its hash')
    if (!this.#sealed)
      this.fault('sealed', `the bytes of entry ${index} are missing, and no range is sealed here`)
    else this.#sealed.missing += 1
    this.#append(index, hash)
    this.report.entries.byHashAlone += 1
  }

  #append(index, hash) {
    if (index !== this.#tree.size)
      this.fault('order', `entry ${this.#tree.size} is missing or out of order: found ${index}`)
    if (this.report.pending > 0) this.fault('order', 'an entry of the tree stands behind a pending one')
    this.#tree.append(hash)
    if (this.#sealed?.to === this.#tree.size) this.#sealed = null
    this.#compareOld()
  }

  /** From here on, up to `to`, entries were purged by whole ranges; their hashes stand. */
  #checkSealed({ from, to, reason }) {
    const isSound = isCount(from) && isCount(to) && from < to && typeof reason === 'string'
    if (!isSound) return this.fault('format', 'not a sealed range')
    // A range may be sealed twice: by kind, and at last as a whole.
    if (from !== this.#tree.size || (this.#sealed && this.#sealed.to !== to))
      return this.fault('sealed', `the sealed range ${from} to ${to} is not where it begins`)
    if (!this.#sealed) {
      this.#sealed = { from, to, missing: 0, told: 0 }
      this.#ranges.set(`${from} ${to}`, this.#sealed)
    }
    this.report.purged ??= []
    this.report.purged.push({ from, to, reason })
  }

  /** The log itself says what was purged; its own account is never purged and stands behind the range. */
  noted({ action, details }) {
    if (action !== 'audit.seal') return
    const range = this.#ranges.get(`${details.from} ${details.to}`)
    if (range && Number.isSafeInteger(details.removed)) range.told += details.removed
  }

  #checkPurged() {
    for (const { from, to, missing, told } of this.#ranges.values()) {
      if (missing !== told)
        this.fault(
          'sealed',
          `${missing} entries of ${from} to ${to} are purged, the log's own seals say ${told}`,
        )
    }
  }

  #checkPending({ entry, leafHash }) {
    this.report.pending += 1
    if (typeof entry !== 'string') return this.fault('format', 'a pending event without text')
    if (toBase64(leafNow(entry)) !== leafHash)
      this.fault('leaf', 'a pending event differs from its leaf hash')
    if (!this.tally(entry)) this.fault('schema', 'a pending event does not follow the event schema')
  }

  async #checkCheckpoint({ note }) {
    const checkpoint = await this.#trust.openCheckpoint(note, this.report.origin)
    if (checkpoint.fault) return this.fault('signature', `a checkpoint: ${checkpoint.fault}`)
    const last = this.#last
    if (checkpoint.size !== this.#tree.size || (last && checkpoint.size <= last.size)) {
      return this.fault(
        'order',
        `the checkpoint over ${checkpoint.size} entries stands behind ${this.#tree.size}`,
      )
    }
    if (!isSame(checkpoint.root, this.#tree.root()))
      this.fault('root', `the first ${checkpoint.size} entries do not make the root that was signed`)
    if (last?.isCurrent && !checkpoint.isCurrent)
      this.fault('key', `a retired key signed the checkpoint over ${checkpoint.size} entries, after its end`)
    this.#last = checkpoint
    this.report.checkpoints += 1
  }

  async #checkSeal({ note }, digest) {
    this.#isSealed = true
    const expected = `${this.report.origin} export\nlines ${this.#lines - 1}\nsha256 ${digest}\n`
    const opened = await this.#trust.open(note)
    const isSound = !opened.fault && opened.isCurrent && opened.text === expected
    // No line of anybody else belongs to it: the seal is the last thing that stands there, unsealed itself.
    if (!isSound || note.split('\n').length !== 5 + opened.signatures.length)
      this.fault('seal', 'the export is not the one that was sealed')
  }

  finish() {
    const { report } = this
    report.size = this.#tree.size
    report.root = toBase64(this.#tree.root())
    if (!this.#isSealed) this.fault('truncated', 'the export has no seal: its end is missing')
    this.#checkPurged()
    if (this.#sealed) this.fault('truncated', `the sealed range up to ${this.#sealed.to} does not end`)
    if (this.#head) this.#checkHead(this.#head)
    if (this.#old && !this.#isOldFound) {
      this.fault(
        'rollback',
        `the log had ${this.#old.size} entries when the old checkpoint was signed, now ${report.size}`,
      )
    }
    return this.end(() => this.#proved(), this.#notProved())
  }

  #checkHead(head) {
    if (head.size !== this.#tree.size)
      this.fault('truncated', `${head.size} entries were signed, ${this.#tree.size} are here`)
    else if (!isSame(head.root, this.#tree.root()))
      this.fault('root', 'the entries do not make the root that was signed')
    if (this.#last?.size !== head.size)
      this.fault('checkpoint', 'the head of the log is not among its checkpoints')
    const missing = this.#trust.missing(head)
    if (missing) this.fault('witness', missing)
    this.report.witnesses = head.witnesses
  }

  #proved() {
    const { size, checkpoints, pending, entries, purged = [] } = this.report
    return [
      `${words(size, 'entry', 'entries')} in unbroken order make the root that the key given signed`,
      `${words(checkpoints, 'checkpoint')} signed by that key, each the beginning of the next`,
      ...(entries.read ? ['each entry follows the event schema, in its canonical form'] : []),
      ...(purged.length
        ? [
            `the hashes of ${words(entries.byHashAlone, 'purged entry', 'purged entries')} stand where they stood`,
          ]
        : []),
      ...(pending ? [`${words(pending, 'event')} recorded after the head equal their leaf hashes`] : []),
      ...(this.#isOldFound ? [provedOld(this.#old)] : []),
      ...this.#trust.proved(this.#head),
      'the export is byte for byte the one that was sealed',
    ]
  }

  #notProved() {
    const { pending, purged = [] } = this.report
    return [
      ...(pending ? [`${words(pending, 'event')} recorded, but not yet under a signed head`] : []),
      ...purged.map(
        ({ from, to, reason }) =>
          `what entries ${from} to ${to - 1} said: they were purged (${reason}), their hashes stand`,
      ),
      ...(this.#oldNote === undefined ? [ONE_LOOK] : []),
      ...this.#trust.notProved({ witnesses: this.report.witnesses }),
    ]
  }
}

/**
 * Verifies an export, given as chunks of bytes.
 * @param {AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>} chunks
 */
export async function verifyExport(chunks, { oldCheckpoint, onProgress, ...keys }) {
  const check = new ExportCheck(await Trust.of(keys), oldCheckpoint)
  let rest = Buffer.alloc(0)
  let lines = 0
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, Buffer.from(chunk)])
    let start = 0
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
      await check.line(rest.subarray(start, end))
      start = end + 1
      lines += 1
      if (lines % 65_536 === 0) onProgress?.(`${lines} lines`)
    }
    rest = rest.subarray(start)
  }
  if (rest.length > 0) check.fault('truncated', 'the last line has no end')
  return check.finish()
}

// ——— A log, C2SP tlog-tiles ———

const WIDTH = 256
/** Leaf tiles that are asked for before they are needed. */
const AHEAD = 8
const levelLength = (level, size) => Math.floor(size / WIDTH ** level)

/** C2SP tlog-tiles: the path below the log's prefix. */
function tilePath(kind, n, width) {
  const digits = String(n)
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, '0').match(/.{3}/g)
  const last = groups.pop()
  return [
    'tile',
    kind,
    ...groups.map((group) => `x${group}`),
    width === WIDTH ? last : `${last}.p/${width}`,
  ].join('/')
}

/** Entries of a bundle, each behind its length in 16 bits, or null where the bytes are none. */
function entriesOf(bundle) {
  const entries = []
  for (let at = 0; at < bundle.length; ) {
    const end = at + 2 + (bundle[at] << 8) + bundle[at + 1]
    if (!(end <= bundle.length)) return null
    entries.push(bundle.subarray(at + 2, end))
    at = end
  }
  return entries
}

/** Leaves of a data tile of static-ct-api (TileLeaf): what is hashed is RFC 6962's MerkleTreeLeaf. */
function certificatesOf(tile) {
  const leaves = []
  let at = 0
  const skip = (count) => {
    at += count
    if (at > tile.length) throw new RangeError('the tile ends in the middle')
  }
  const skipVector = (lengthBytes) => {
    skip(lengthBytes)
    skip(Number(numberIn(tile.subarray(at - lengthBytes, at))))
  }
  try {
    while (at < tile.length) {
      const start = at
      skip(10)
      const isPrecertificate = tile[at - 1] === 1
      if (isPrecertificate) skip(32)
      skipVector(3)
      skipVector(2)
      leaves.push(joined(Uint8Array.of(0, 0), tile.subarray(start, at)))
      if (isPrecertificate) skipVector(3)
      skipVector(2)
    }
  } catch {
    return null
  }
  return leaves
}

/** Where entries may be served, and how they are laid out. */
const LAYOUTS = [
  { kind: 'entries', split: entriesOf },
  { kind: 'data', split: certificatesOf },
]

class LogCheck extends Findings {
  #read
  #head
  #old
  #options
  #layouts = LAYOUTS
  #tree = new GrowingTree()
  #edge = new Map()
  #ahead = new Map()
  #foreign = 0
  #events = 0
  #odd = null
  #purged = []
  #done = 0

  constructor(read, head, old, options) {
    super('log')
    this.#read = read
    this.#head = head
    this.#old = old
    this.#options = options
    Object.assign(this.report, {
      origin: head.origin,
      size: head.size,
      checkpoints: 1,
      witnesses: head.witnesses,
    })
  }

  /** The bytes of a tile, full where the log no longer has the part, or null. */
  async #fetch(kind, n, width, limit) {
    const part = await this.#read(tilePath(kind, n, width), limit)
    return part ?? (width === WIDTH ? null : await this.#read(tilePath(kind, n, WIDTH), limit))
  }

  /** A leaf tile and its bundle; the next ones are asked for while these are checked. */
  #leaves(n) {
    const { size } = this.#head
    for (let next = n; next <= n + AHEAD && next * WIDTH < size; next++) {
      if (this.#ahead.has(next)) continue
      const width = Math.min(WIDTH, size - next * WIDTH)
      const tile = this.#fetch(0, next, width, WIDTH * 32)
      const bundle = this.#options.checkEntries === false ? null : this.#bundle(next, width)
      for (const promise of [tile, bundle]) promise?.catch(() => {})
      this.#ahead.set(next, { tile, bundle })
    }
    return this.#ahead.get(n)
  }

  async #bundle(n, width) {
    for (const layout of this.#layouts) {
      const bytes = await this.#fetch(layout.kind, n, width, MAX_BUNDLE)
      if (bytes === null) continue
      this.#layouts = [layout]
      return { bytes, split: layout.split }
    }
    return null
  }

  /** Hashes of a tile, which must have `width` of them; null where it is not served. */
  async #tile(level, n, width) {
    const bytes = await (level === 0 ? this.#leaves(n).tile : this.#fetch(level, n, width, WIDTH * 32))
    const isFull = bytes?.length === width * 32 || bytes?.length === WIDTH * 32
    const hashes = (isFull ? bytes : inflated(bytes, width * 32))?.subarray(0, width * 32)
    if (!hashes) {
      if (level === 0) this.#ahead.delete(n)
      if (!bytes && width === WIDTH && this.#options.allowPurged) this.#goneBelow(level, n)
      else
        this.fault(
          'tile',
          bytes ? `tile ${level}/${n} has not ${width} hashes` : `tile ${level}/${n} is not served`,
        )
    } else if (this.#old && n === Math.floor(levelLength(level, this.#old.size) / WIDTH)) {
      this.#edge.set(level, hashes)
    }
    return hashes ?? null
  }

  /** Checks what hangs below a tile, from left to right. */
  async #descend(level, n, hashes) {
    if (level === 0) return await this.#checkEntries(n, hashes)
    for (let i = 0; i < hashes.length / 32; i++) {
      const child = n * WIDTH + i
      const below = await this.#tile(level - 1, child, WIDTH)
      if (!below) continue
      if (!isSame(rootOver(below), hashes.subarray(i * 32, i * 32 + 32)))
        this.fault('tile', `tile ${level - 1}/${child} is not what tile ${level}/${n} says of it`)
      await this.#descend(level - 1, child, below)
    }
  }

  async #checkEntries(n, hashes) {
    const width = hashes.length / 32
    const bundle = await this.#leaves(n).bundle
    this.#ahead.delete(n)
    this.#progress(width)
    if (bundle) return this.#compareEntries(n, hashes, bundle)
    if (this.#options.checkEntries === false) this.report.entries.byHashAlone += width
    else if (this.#options.allowPurged) this.#gone(n * WIDTH, width)
    else this.fault('entries', `entries ${n * WIDTH} to ${n * WIDTH + width - 1} are not served`)
  }

  #compareEntries(n, hashes, { bytes, split }) {
    const width = hashes.length / 32
    const sound = (found) => ([width, WIDTH].includes(found?.length) ? found.slice(0, width) : null)
    const differing = (found) =>
      found.findIndex((entry, i) => !isSame(leafNow(entry), hashes.subarray(i * 32, i * 32 + 32)))
    let entries = sound(split(bytes))
    // Some logs keep their bundles compressed, and here the folder is read as it is.
    const unpacked = !entries || differing(entries) >= 0 ? inflated(bytes) : null
    if (unpacked) entries = sound(split(unpacked)) ?? entries
    if (!entries) return this.fault('entries', `bundle ${n} does not hold ${width} entries`)
    const wrong = differing(entries)
    if (wrong >= 0) this.fault('leaf', `entry ${n * WIDTH + wrong} is not what its leaf hash says`)
    this.report.entries.read += width
    for (const [i, entry] of entries.entries()) {
      if (split === entriesOf && this.tally(safeText(entry))) this.#events += 1
      else {
        this.#foreign += 1
        this.#odd ??= n * WIDTH + i
      }
    }
  }

  #goneBelow(level, n) {
    const width = WIDTH ** (level + 1)
    this.#gone(n * width, width)
  }

  #gone(from, width) {
    this.report.entries.byHashAlone += width
    const last = this.#purged.at(-1)
    if (last?.to === from) last.to = from + width
    else this.#purged.push({ from, to: from + width })
  }

  #progress(width) {
    this.#done += width
    if (Math.floor(this.#done / 65_536) > Math.floor((this.#done - width) / 65_536))
      this.#options.onProgress?.(`${this.#done} of ${this.#head.size} entries`)
  }

  /** The right edge of each level holds the root; all else hangs below it. */
  async walk() {
    const { size } = this.#head
    let top = 0
    while (levelLength(top + 1, size) > 0) top += 1
    for (let level = top; level >= 0; level--) {
      const length = levelLength(level, size)
      const [n, width] = [Math.floor(length / WIDTH), length % WIDTH]
      if (width === 0) continue
      const hashes = await this.#tile(level, n, width)
      if (!hashes) continue
      for (let at = 0; at < hashes.length; at += 32)
        this.#tree.append(hashes.subarray(at, at + 32), WIDTH ** level)
      await this.#descend(level, n, hashes)
    }
    return this.#finish()
  }

  /** The root of the first entries, from tiles that were checked. */
  #rootOf(size) {
    const tree = new GrowingTree()
    let top = 0
    while (levelLength(top + 1, size) > 0) top += 1
    for (let level = top; level >= 0; level--) {
      const width = levelLength(level, size) % WIDTH
      const hashes = this.#edge.get(level)
      if (width > 0 && !(hashes?.length >= width * 32)) return null
      for (let i = 0; i < width; i++) tree.append(hashes.subarray(i * 32, i * 32 + 32), WIDTH ** level)
    }
    return tree.root()
  }

  #finish() {
    const root = this.#tree.root()
    this.report.root = toBase64(root)
    if (this.#tree.size === this.#head.size && !isSame(root, this.#head.root))
      this.fault('root', 'the tiles do not make the root that was signed')
    else if (this.#tree.size !== this.#head.size)
      this.fault('root', 'the root that was signed could not be computed')
    if (this.#old) this.#compareOld(this.#old)
    const isMixed = this.#events > 0 && this.#foreign > 0
    const { schema = 'auto' } = this.#options
    if (schema !== 'any' && (isMixed || (schema === 'events' && this.#foreign > 0)))
      this.fault(
        'schema',
        `${words(this.#foreign, 'entry does', 'entries do')} not follow the event schema: entry ${this.#odd}`,
      )
    return this.end(() => this.#proved(), this.#notProved())
  }

  #compareOld(old) {
    if (old.size > this.#head.size)
      return this.fault(
        'rollback',
        `the log had ${old.size} entries when the old checkpoint was signed, now ${this.#head.size}`,
      )
    const root = this.#rootOf(old.size)
    if (!root)
      return this.fault('old-checkpoint', 'the tiles that lead back to the old checkpoint are missing')
    if (!isSame(root, old.root))
      this.fault('fork', `the first ${old.size} entries are not those of the old checkpoint`)
  }

  #proved() {
    const { size, entries } = this.report
    return [
      `the head over ${words(size, 'entry', 'entries')} is signed by a key given`,
      'all tiles agree with each other and make the root that was signed',
      ...(entries.read
        ? [`${words(entries.read, 'entry is', 'entries are')} the ones that their leaf hashes say`]
        : []),
      ...(this.#events && !this.#foreign
        ? ['each of them follows the event schema, in its canonical form']
        : []),
      ...(this.#old ? [provedOld(this.#old)] : []),
      ...this.#options.trust.proved(this.#head),
    ]
  }

  #notProved() {
    const { checkEntries = true, trust } = this.#options
    const names = [...trust.current, ...trust.retired].map(({ name }) => name)
    return [
      ...(checkEntries ? [] : ['what the entries say: they were not asked for']),
      ...this.#purged.map(
        ({ from, to }) =>
          `what entries ${from} to ${to - 1} said: they are not served any more, their hashes stand`,
      ),
      ...(this.#foreign
        ? [
            `what ${words(this.#foreign, 'entry means', 'entries mean')}: they are not events of this portal, and were taken as bytes`,
          ]
        : []),
      ...(names.includes(this.#head.origin)
        ? []
        : [`that the log is the one you mean: it calls itself ${this.#head.origin}, its key ${names[0]}`]),
      ...(this.#old ? [] : [ONE_LOOK]),
      ...trust.notProved(this.#head),
    ]
  }
}

function rootOver(hashes) {
  const tree = new GrowingTree()
  for (let at = 0; at < hashes.length; at += 32) tree.append(hashes.subarray(at, at + 32))
  return tree.root()
}

function safeText(bytes) {
  try {
    return textOf(bytes)
  } catch {
    return null
  }
}

/** What gzip packed, if it did, and if it is `length` bytes where that is given. */
function inflated(bytes, length) {
  if (!(bytes?.[0] === 0x1f && bytes[1] === 0x8b)) return null
  try {
    const whole = builtin('zlib').gunzipSync(bytes, { maxOutputLength: MAX_BUNDLE })
    return length === undefined || whole.length === length || whole.length === WIDTH * 32 ? whole : null
  } catch {
    return null
  }
}

/**
 * Verifies a log in the layout of C2SP tlog-tiles: every tile, every entry, the head, and what was signed before.
 * @param {(path: string, limit: number) => Promise<Uint8Array | null>} read null where there is no such resource
 * @throws Error where something can't be read
 */
export async function verifyLog(read, { oldCheckpoint, origin, ...options }) {
  const trust = await Trust.of(options)
  const failed = (code, message) => {
    const findings = new Findings('log')
    findings.fault(code, message)
    return findings.end(() => [], [])
  }
  const note = await read('checkpoint', MAX_NOTE)
  if (!note) return failed('checkpoint', 'the log serves no checkpoint')
  const head = await trust.openCheckpoint(safeText(note), origin)
  if (head.fault) return failed('signature', `the head of the log: ${head.fault}`)
  if (!head.isCurrent) return failed('signature', 'the head of the log is signed by a retired key alone')
  const old = oldCheckpoint === undefined ? null : await trust.openCheckpoint(oldCheckpoint, head.origin)
  if (old?.fault) return failed('old-checkpoint', `the old checkpoint: ${old.fault}`)
  const check = new LogCheck(read, head, old, { ...options, trust })
  const missing = trust.missing(head)
  if (missing) check.fault('witness', missing)
  return await check.walk()
}

const DEADLINE_MS = 30_000
const WAITS_MS = [250, 1000, 4000]
const MOST_WAIT_MS = 120_000

/** Reads a log from an address (http, https, file) or a folder. */
export function openLog(address, { authorization } = {}) {
  const prefix = address.replace(/\/+$/, '').replace(/\/checkpoint$/, '')
  if (/^https?:\/\//.test(prefix))
    return (path, limit) => fetchAgain(`${prefix}/${path}`, limit, authorization)
  const folder = prefix.startsWith('file:') ? builtin('url').fileURLToPath(prefix) : prefix
  return (path, limit) => readPart(builtin('path').join(folder, path), limit)
}

async function readPart(file, limit) {
  const fs = builtin('fs').promises
  const handle = await fs.open(file).catch((error) => {
    if (['ENOENT', 'ENOTDIR', 'EISDIR'].includes(error.code)) return null
    throw error
  })
  if (!handle) return null
  try {
    const { size } = await handle.stat()
    if (size > limit) throw new Error(`${file} is larger than the ${limit} bytes that it may have`)
    return await handle.readFile()
  } finally {
    await handle.close()
  }
}

async function fetchAgain(url, limit, authorization) {
  for (let tries = 0; ; tries++) {
    const result = await fetchOnce(url, limit, authorization).catch((error) => ({ error }))
    if ('bytes' in result) return result.bytes
    if (result.error?.isFinal || tries >= WAITS_MS.length)
      throw new Error(`${url}: ${result.error?.message ?? `status ${result.status}`}`, {
        cause: result.error,
      })
    const wait = Math.min(Math.max(WAITS_MS[tries], (result.retryAfter || 0) * 1000), MOST_WAIT_MS)
    await new Promise((resolve) => setTimeout(resolve, wait))
  }
}

const finalError = (message) => Object.assign(new Error(message), { isFinal: true })

async function fetchOnce(url, limit, authorization) {
  const headers = authorization ? { authorization } : {}
  const answer = await fetch(url, { headers, signal: AbortSignal.timeout(DEADLINE_MS) })
  const { status } = answer
  if (status === 200) return { bytes: await bodyOf(answer, limit) }
  await answer.body?.cancel()
  const isTile = url.includes('/tile/')
  // Object stores answer 403 for what is not there.
  if (status === 404 || status === 410 || (status === 403 && isTile)) return { bytes: null }
  if (status === 401 || status === 403)
    throw finalError('the log asks who you are: give --authorization-file')
  if (status === 429 || status >= 500)
    return { status, retryAfter: Number(answer.headers.get('retry-after')) }
  throw finalError(`status ${status}`)
}

async function bodyOf(answer, limit) {
  const chunks = []
  let length = 0
  for await (const chunk of answer.body) {
    length += chunk.length
    if (length > limit) throw finalError(`more than the ${limit} bytes that it may have`)
    chunks.push(chunk)
  }
  return joined(...chunks)
}

// ——— A receipt, C2SP tlog-proof ———

function parseProof(text) {
  const split = text.indexOf('\n\n')
  const lines = text.slice(0, Math.max(split, 0)).split('\n')
  if (lines.shift() !== 'c2sp.org/tlog-proof@v1') return null
  const extra = lines[0]?.startsWith('extra ') ? fromBase64(lines.shift().slice(6)) : undefined
  const index = /^index (0|[1-9]\d{0,15})$/.exec(lines.shift() ?? '')
  const proof = lines.map(fromBase64)
  const isSound = extra !== null && index && proof.length <= 64 && proof.every((hash) => hash?.length === 32)
  return isSound ? { extra, index: Number(index[1]), proof, note: text.slice(split + 2) } : null
}

/**
 * Verifies a receipt: that one entry stands in a log. The entry is the receipt's extra data, or `entry` where a foreign
 * log's receipt comes without it. In a browser, too.
 * @param {string} text
 */
export async function verifyReceipt(text, { entry, origin, ...keys }) {
  const findings = new Findings('receipt')
  const { report } = findings
  Object.assign(report, { message: '', event: null, index: null })
  const trust = await Trust.of(keys)
  const refuse = (code, message) => {
    findings.fault(code, message)
    return Object.assign(
      findings.end(() => [], []),
      { message },
    )
  }
  const parsed = parseProof(text)
  if (!parsed) return refuse('format', 'not a receipt of this kind, or damaged')
  const bytes = entry ?? parsed.extra
  if (!bytes) return refuse('entry', 'the receipt comes without its entry: give that, too')
  const head = await trust.openCheckpoint(parsed.note, origin)
  if (head.fault) return refuse('signature', `the head of the log: ${head.fault}`)
  const { index, proof } = parsed
  const leafHash = await sha256(LEAF, bytes)
  if (!(await verifyInclusion({ index, size: head.size, leafHash, proof, root: head.root })))
    return refuse('leaf', 'the entry is not where the receipt says')
  const missing = trust.missing(head)
  if (missing) return refuse('witness', missing)
  const event = readEvent(safeText(bytes))
  const message = `entry ${index} of ${head.size} signed`
  Object.assign(report, { message, event, index, size: head.size, origin: head.origin, checkpoints: 1 })
  Object.assign(report, { root: toBase64(head.root), witnesses: head.witnesses })
  report.entries.read = 1
  return findings.end(
    () => [
      `the entry is number ${index} of ${words(head.size, 'entry', 'entries')} under a head that one of the given keys signed`,
      ...(event ? ['it follows the event schema, in its canonical form'] : []),
      ...trust.proved(head),
    ],
    [
      ...(event ? [] : ['what the entry means: it is no event of this portal, and was taken as bytes']),
      ...(head.isCurrent ? [] : ['when it was signed: the key is retired. Ask for a newer receipt']),
      'that the log is whole: a receipt speaks for its one entry',
      ...trust.notProved(head),
    ],
  )
}

// ——— The command ———

/** What a report says, in lines for people. */
export function describeReport(report) {
  const rows = Object.entries(report.actions).map(([action, { allowed, refused, failed }]) =>
    [action.padEnd(32), ...[allowed, refused, failed].map((count) => String(count).padStart(9))].join(''),
  )
  const { checkpoints, pending, size, entries } = report
  const counts = [
    words(size, 'entry', 'entries'),
    ...(entries.byHashAlone ? [`${entries.byHashAlone} of them by hash alone`] : []),
    words(checkpoints, 'checkpoint'),
    ...(pending ? [`${pending} pending`] : []),
  ]
  return [
    `Log ${report.origin ?? '(unknown)'}: ${counts.join(', ')}`,
    ...(report.message ? [report.message] : []),
    ...(rows.length ? ['', `${'action'.padEnd(32)}  allowed  refused   failed`, ...rows] : []),
    ...(report.proved.length ? ['', 'Proved:', ...report.proved.map((line) => `  ${line}`)] : []),
    ...(report.notProved.length ? ['', 'Not proved:', ...report.notProved.map((line) => `  ${line}`)] : []),
    ...(report.faults.length ? ['', 'FAULTS:'] : []),
    ...report.faults.map(
      ({ code, line, message }) => `  ${code}: ${message}${line ? ` (line ${line})` : ''}`,
    ),
    '',
    report.ok ? 'VERIFIED' : 'NOT VERIFIED',
  ]
}

const USAGE = `usage: node verifier.mjs [log|export|receipt] ADDRESS|FOLDER|FILE --vkey KEY … [options]

  --vkey KEY             key of the log; several, or a file with one a line
  --retired KEY[@SIZE]   key that signed earlier heads, the last one over SIZE entries
  --witness KEY          key of a witness; --threshold N of them must have cosigned (default: all)
  --old FILE             checkpoint that you kept: it must be the beginning of this log
  --origin NAME          what the log must call itself
  --allow-purged         entries that are not served any more are proved by their hashes alone
  --tree-only            the tree and its head alone, without the entries
  --schema auto|events|any   whether entries must be events of the portal
  --entry FILE           the entry of a receipt that comes without it
  --authorization-file FILE  what to send to the log as the Authorization header
  --json                 the report as one JSON object
`

const OPTIONS = {
  vkey: { type: 'string', multiple: true, default: [] },
  retired: { type: 'string', multiple: true, default: [] },
  witness: { type: 'string', multiple: true, default: [] },
  threshold: { type: 'string' },
  old: { type: 'string' },
  origin: { type: 'string' },
  'allow-purged': { type: 'boolean' },
  'tree-only': { type: 'boolean' },
  schema: { type: 'string', default: 'auto' },
  entry: { type: 'string' },
  'authorization-file': { type: 'string' },
  json: { type: 'boolean', default: false },
}

/** Keys from options: each one or more keys, or a file of them. */
function keysOf(values) {
  const fs = builtin('fs')
  return values.flatMap((value) => {
    const text = !value.includes('+') && fs.existsSync(value) ? fs.readFileSync(value, 'utf8') : value
    return text
      .split(/[,\n]/)
      .map((line) => line.trim())
      .filter((line) => line && !line.startsWith('#'))
  })
}

/** `FILE KEYS [OLD]` is understood as well. */
function readCommand(args) {
  const { values, positionals } = builtin('util').parseArgs({
    args,
    options: OPTIONS,
    allowPositionals: true,
  })
  const named = ['log', 'export', 'receipt'].includes(positionals[0]) ? positionals.shift() : null
  const [subject, keyList, old] = positionals
  const count = values.threshold === undefined ? undefined : Number(values.threshold)
  if (count !== undefined && !isCount(count)) throw new Error('--threshold is a number')
  if (!['auto', 'events', 'any'].includes(values.schema)) throw new Error('--schema is auto, events or any')
  const { readFileSync } = builtin('fs')
  const textIn = (file) => (file === undefined ? undefined : readFileSync(file, 'utf8'))
  return {
    named,
    subject,
    asJson: values.json,
    authorization: textIn(values['authorization-file'])?.trim(),
    options: {
      vkeys: keysOf([...values.vkey, ...(keyList === undefined ? [] : [keyList])]),
      retired: keysOf(values.retired),
      witnesses: keysOf(values.witness),
      threshold: count,
      oldCheckpoint: textIn(values.old ?? old),
      origin: values.origin,
      allowPurged: values['allow-purged'],
      checkEntries: !values['tree-only'],
      schema: values.schema,
      entry: values.entry === undefined ? undefined : readFileSync(values.entry),
      onProgress: (text) => process.stderr.write(`${text}\n`),
    },
  }
}

/** What a subject is, where the command doesn't say. */
function kindOf(subject) {
  const fs = builtin('fs')
  if (/^(https?|file):\/\//.test(subject) || fs.statSync(subject).isDirectory()) return 'log'
  const start = Buffer.alloc(22)
  const file = fs.openSync(subject, 'r')
  fs.readSync(file, start)
  fs.closeSync(file)
  return start.toString() === 'c2sp.org/tlog-proof@v1' ? 'receipt' : 'export'
}

async function main(args) {
  const { named, subject, asJson, authorization, options } = readCommand(args)
  if (!subject || options.vkeys.length === 0) {
    process.stderr.write(USAGE)
    return 2
  }
  const kind = named ?? kindOf(subject)
  const { createReadStream, readFileSync } = builtin('fs')
  const verify = {
    log: () => verifyLog(openLog(subject, { authorization }), options),
    export: () => verifyExport(createReadStream(subject), options),
    receipt: () => verifyReceipt(readFileSync(subject, 'utf8'), options),
  }
  const report = await verify[kind]()
  process.stdout.write(asJson ? `${JSON.stringify(report)}\n` : `${describeReport(report).join('\n')}\n`)
  return report.ok ? 0 : 1
}

function isStarted() {
  const { argv } = globalThis.process ?? {}
  if (!argv?.[1]) return false
  if (!nodeCrypto) return argv[1].endsWith('verifier.mjs')
  const { realpathSync } = builtin('fs')
  return import.meta.url === builtin('url').pathToFileURL(realpathSync(argv[1])).href
}

if (isStarted()) {
  const failed = (error) => {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = 2
  }
  if (!nodeCrypto) failed(new Error('this takes Node 20.16 or newer'))
  else
    main(process.argv.slice(2)).then((code) => {
      process.exitCode = code
    }, failed)
}
