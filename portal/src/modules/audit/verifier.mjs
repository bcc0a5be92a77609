#!/usr/bin/env node
// Verifies an export or a receipt of a Motion Mavericks audit log, offline, trusting nobody but a verifier key:
//
//   node verifier.mjs export.jsonl VKEY[,VKEY…] [old-checkpoint.txt] [--json]
//   node verifier.mjs event.tlog-proof VKEY[,VKEY…] [--json]
//
// One file, nothing beyond Node 18: written apart from the portal's own code on purpose, so that a mistake there
// is not repeated here. RFC 9162 2.1 (tree), RFC 8785 (canonical JSON), C2SP signed-note, tlog-checkpoint, tlog-proof.
import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto'
import { createReadStream, readFileSync, realpathSync } from 'node:fs'
import { pathToFileURL } from 'node:url'

const MAX_FAULTS = 100

// ——— RFC 9162, section 2.1 ———

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const hashLeaf = (entry) => sha256(Buffer.of(0), entry)
const hashNode = (left, right) => sha256(Buffer.of(1), left, right)

/** A tree that only remembers its perfect subtrees, widest first. */
class GrowingTree {
  size = 0
  #subtrees = []

  append(leafHash) {
    let subtree = { hash: leafHash, width: 1 }
    while (this.#subtrees.at(-1)?.width === subtree.width) {
      subtree = { hash: hashNode(this.#subtrees.pop().hash, subtree.hash), width: subtree.width * 2 }
    }
    this.#subtrees.push(subtree)
    this.size += 1
  }

  root() {
    if (this.size === 0) return sha256()
    return this.#subtrees.map(({ hash }) => hash).reduceRight((right, left) => hashNode(left, right))
  }
}

/** RFC 9162 2.1.3.2, by recursion over the tree's shape. */
function rootFromInclusion(index, size, leafHash, proof) {
  const rest = [...proof]
  const climb = (start, end) => {
    if (end - start === 1) return leafHash
    let width = 1
    while (width * 2 < end - start) width *= 2
    const middle = start + width
    const isLeft = index < middle
    const inner = isLeft ? climb(start, middle) : climb(middle, end)
    const sibling = rest.shift()
    if (!inner || !sibling) return null
    return isLeft ? hashNode(inner, sibling) : hashNode(sibling, inner)
  }
  const root = climb(0, size)
  return rest.length === 0 ? root : null
}

// ——— C2SP signed-note and tlog-checkpoint ———

/** Standard base64 in its one canonical spelling, or null. */
function fromBase64(text) {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}

function parseVkey(vkey) {
  const match = /^([^\s+]+)\+([0-9a-f]{8})\+(.+)$/u.exec(vkey)
  const key = match && fromBase64(match[3])
  if (key?.length !== 33 || key[0] !== 1) throw new Error(`"${vkey}" is not an Ed25519 verifier key`)
  const id = sha256(`${match[1]}\n`, key).subarray(0, 4)
  if (id.toString('hex') !== match[2]) throw new Error(`"${vkey}" is damaged: its ID is not that of its key`)
  const spki = Buffer.concat([Buffer.from('302a300506032b6570032100', 'hex'), key.subarray(1)])
  return { name: match[1], id, publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }) }
}

/** The text of a note that a known key signed, or null; a wrong signature of a known key spoils the note. */
function openNote(note, keys) {
  const split = note.lastIndexOf('\n\n')
  if (split < 1 || !note.endsWith('\n') || note.length > 65_536) return null
  const text = note.slice(0, split + 1)
  if (!Buffer.from(text).every((byte) => byte >= 0x20 || byte === 0x0a)) return null
  let isSigned = false
  for (const line of note.slice(split + 2, -1).split('\n')) {
    const match = /^— ([^\s+]+) (\S+)$/u.exec(line)
    const signature = match && fromBase64(match[2])
    if (!signature || signature.length < 5) return null
    const key = keys.find(({ name, id }) => name === match[1] && id.equals(signature.subarray(0, 4)))
    if (!key) continue
    if (!verifySignature(null, Buffer.from(text), key.publicKey, signature.subarray(4))) return null
    isSigned = true
  }
  return isSigned ? text : null
}

/** A signed head of the log, or null. */
function openCheckpoint(note, origin, keys) {
  const text = typeof note === 'string' ? openNote(note, keys) : null
  if (text === null) return null
  const [name, sizeLine, rootLine, ...extensions] = text.slice(0, -1).split('\n')
  const size = Number(sizeLine)
  const root = rootLine === undefined ? null : fromBase64(rootLine)
  const isSound = Number.isSafeInteger(size) && size >= 0 && String(size) === sizeLine && root?.length === 32
  return isSound && name === origin && !extensions.includes('') ? { size, root } : null
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
    return isKnown && Buffer.byteLength(entry) <= 16_384 && canonicalJson(event) === entry ? event : null
  } catch {
    return null
  }
}

// ——— An export ———

class ExportCheck {
  report = {
    ok: false,
    origin: null,
    size: 0,
    root: null,
    checkpoints: 0,
    pending: 0,
    actions: {},
    proved: [],
    notProved: [],
    faults: [],
  }
  #keys
  #old
  #oldNote
  #tree = new GrowingTree()
  #digest = createHash('sha256')
  #lines = 0
  #head = null
  #last = null
  #isSealed = false
  #isOldFound = false

  constructor(vkeys, oldNote) {
    this.#keys = vkeys.map(parseVkey)
    this.vkeys = vkeys
    this.#oldNote = oldNote
  }

  fault(code, message) {
    const { faults } = this.report
    if (faults.length < MAX_FAULTS) faults.push({ code, line: this.#lines, message })
  }

  /** Takes the next line, without its newline. */
  line(bytes) {
    this.#lines += 1
    const value = this.#parse(bytes)
    if (this.#isSealed) this.fault('seal', 'something stands behind the seal')
    if (value?.type === 'seal') this.#checkSeal(value)
    this.#digest.update(bytes).update('\n')
    if (value === null) return
    if ((this.#lines === 1) !== (value.type === 'header'))
      return this.fault('format', 'an export begins with its one header')
    if (value.type === 'header') this.#checkHeader(value)
    else if (value.type === 'entry') this.#checkEntry(value)
    else if (value.type === 'checkpoint') this.#checkCheckpoint(value)
    else if (value.type === 'pending') this.#checkPending(value)
    else if (value.type !== 'seal')
      this.fault('format', `unknown kind of line: ${JSON.stringify(value.type)}`)
  }

  #parse(bytes) {
    try {
      const text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
      const value = JSON.parse(text)
      if (isObject(value) && JSON.stringify(value) === text) return value
    } catch {}
    this.fault('format', 'not a line as the portal writes it')
    return null
  }

  #checkHeader(header) {
    const isHeader =
      header.format === 'motion-mavericks-audit-export' &&
      header.version === 1 &&
      typeof header.origin === 'string'
    if (!isHeader) return this.fault('format', 'not a header of version 1')
    this.report.origin = header.origin
    if (!this.vkeys.includes(header.vkey))
      this.fault('key', 'the export names another verifier key than the one given')
    this.#head = openCheckpoint(header.checkpoint, header.origin, this.#keys)
    if (!this.#head) this.fault('signature', 'the head of the log is not signed by the key given')
    if (this.#oldNote === undefined) return
    this.#old = openCheckpoint(this.#oldNote, header.origin, this.#keys)
    if (!this.#old)
      this.fault('old-checkpoint', 'the old checkpoint is not one of this log, signed by the key given')
    this.#compareOld()
  }

  /** What was signed once must still be the beginning of the log. */
  #compareOld() {
    if (this.#old?.size !== this.#tree.size) return
    this.#isOldFound = true
    if (this.#old.root.equals(this.#tree.root())) return
    this.fault('fork', `the first ${this.#old.size} entries are not those of the old checkpoint`)
  }

  #checkEntry({ index, entry }) {
    if (index !== this.#tree.size)
      this.fault('order', `entry ${this.#tree.size} is missing or out of order: found ${index}`)
    if (this.report.pending > 0) this.fault('order', 'an entry of the tree stands behind a pending one')
    if (typeof entry !== 'string') return this.fault('format', 'an entry without text')
    this.#tree.append(hashLeaf(entry))
    this.#tally(entry, `entry ${index}`)
    this.#compareOld()
  }

  #checkPending({ entry, leafHash }) {
    this.report.pending += 1
    if (typeof entry !== 'string') return this.fault('format', 'a pending event without text')
    if (hashLeaf(entry).toString('base64') !== leafHash)
      this.fault('leaf', 'a pending event differs from its leaf hash')
    this.#tally(entry, 'a pending event')
  }

  #tally(entry, name) {
    const event = readEvent(entry)
    if (!event) return this.fault('schema', `${name} does not follow the event schema`)
    this.report.actions[event.action] ??= { allowed: 0, refused: 0, failed: 0 }
    this.report.actions[event.action][event.outcome] += 1
  }

  #checkCheckpoint({ note }) {
    const checkpoint = openCheckpoint(note, this.report.origin, this.#keys)
    if (!checkpoint) return this.fault('signature', 'a checkpoint is not signed by the key given')
    if (checkpoint.size !== this.#tree.size || (this.#last && checkpoint.size <= this.#last.size)) {
      return this.fault(
        'order',
        `the checkpoint over ${checkpoint.size} entries stands behind ${this.#tree.size}`,
      )
    }
    if (!checkpoint.root.equals(this.#tree.root())) {
      this.fault('root', `the first ${checkpoint.size} entries do not make the root that was signed`)
    }
    this.#last = checkpoint
    this.report.checkpoints += 1
  }

  #checkSeal({ note }) {
    this.#isSealed = true
    const digest = this.#digest.copy().digest('base64')
    const expected = `${this.report.origin} export\nlines ${this.#lines - 1}\nsha256 ${digest}\n`
    const isSound =
      typeof note === 'string' && openNote(note, this.#keys) === expected && note.split('\n').length === 6
    if (!isSound) this.fault('seal', 'the export is not the one that was sealed')
  }

  end() {
    const { report } = this
    report.size = this.#tree.size
    report.root = this.#tree.root().toString('base64')
    if (!this.#isSealed) this.fault('truncated', 'the export has no seal: its end is missing')
    this.#checkHead()
    if (this.#old && !this.#isOldFound) {
      this.fault(
        'rollback',
        `the log had ${this.#old.size} entries when the old checkpoint was signed, now ${report.size}`,
      )
    }
    report.actions = Object.fromEntries(Object.entries(report.actions).sort(([a], [b]) => (a < b ? -1 : 1)))
    report.ok = report.faults.length === 0
    if (report.ok) report.proved = this.#proved()
    report.notProved = this.#notProved()
    return report
  }

  #checkHead() {
    const head = this.#head
    if (!head) return
    if (head.size !== this.#tree.size)
      this.fault('truncated', `${head.size} entries were signed, ${this.#tree.size} are here`)
    else if (!head.root.equals(this.#tree.root()))
      this.fault('root', 'the entries do not make the root that was signed')
    if (this.#last?.size !== head.size)
      this.fault('checkpoint', 'the head of the log is not among its checkpoints')
  }

  #proved() {
    const { size, checkpoints, pending } = this.report
    return [
      `${size} entries in unbroken order make the root that the key given signed`,
      `${checkpoints} checkpoint(s) signed by that key, each the beginning of the next`,
      'each entry follows the event schema, in its canonical form',
      ...(pending ? [`${pending} event(s) recorded after the head equal their leaf hashes`] : []),
      ...(this.#isOldFound
        ? [`the old checkpoint over ${this.#old.size} entries is the beginning of this log`]
        : []),
      'the export is byte for byte the one that was sealed',
    ]
  }

  #notProved() {
    return [
      ...(this.report.pending
        ? [`${this.report.pending} event(s) are recorded, but not yet under a signed head`]
        : []),
      ...(this.#oldNote === undefined
        ? ['that nothing was rolled back since you last looked: give an old checkpoint']
        : []),
      'that nobody else was shown another log: compare checkpoints with other holders',
    ]
  }
}

/**
 * Verifies an export, given as chunks of bytes.
 * @param {AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>} chunks
 * @param {{ vkeys: string[], oldCheckpoint?: string }} options
 */
export async function verifyExport(chunks, { vkeys, oldCheckpoint }) {
  const check = new ExportCheck(vkeys, oldCheckpoint)
  let rest = Buffer.alloc(0)
  for await (const chunk of chunks) {
    rest = Buffer.concat([rest, Buffer.from(chunk)])
    let start = 0
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10, start)) {
      check.line(rest.subarray(start, end))
      start = end + 1
    }
    rest = rest.subarray(start)
  }
  if (rest.length > 0) check.fault('truncated', 'the last line has no end')
  return check.end()
}

// ——— A receipt ———

/**
 * Verifies a receipt (C2SP tlog-proof whose extra data is the entry).
 * @param {string} text
 * @param {{ vkeys: string[] }} options
 */
export function verifyReceipt(text, { vkeys }) {
  const keys = vkeys.map(parseVkey)
  const split = text.indexOf('\n\n')
  const [version, extraLine = '', indexLine = '', ...proofLines] = text
    .slice(0, Math.max(split, 0))
    .split('\n')
  const note = text.slice(split + 2)
  const entry = extraLine.startsWith('extra ') ? fromBase64(extraLine.slice(6)) : null
  const index = /^index (0|[1-9]\d{0,15})$/.exec(indexLine)
  const proof = proofLines.map(fromBase64)
  const refuse = (message) => ({ ok: false, message, event: null, index: null, size: null })
  if (version !== 'c2sp.org/tlog-proof@v1' || !entry || !index) return refuse('not a receipt of this kind')
  if (proof.some((hash) => hash?.length !== 32)) return refuse('a hash of the proof is damaged')
  const checkpoint = openCheckpoint(note, note.slice(0, note.indexOf('\n')), keys)
  if (!checkpoint) return refuse('the head of the log is not signed by the key given')
  const place = Number(index[1])
  if (place >= checkpoint.size) return refuse('the entry lies behind the head')
  const root = rootFromInclusion(place, checkpoint.size, hashLeaf(entry), proof)
  if (!root?.equals(checkpoint.root)) return refuse('the entry is not where the receipt says')
  const event = readEvent(entry.toString('utf8'))
  if (!event) return refuse('the entry does not follow the event schema')
  return {
    ok: true,
    message: `entry ${place} of ${checkpoint.size} signed`,
    event,
    index: place,
    size: checkpoint.size,
  }
}

// ——— The command ———

/** What an export's report says, in lines for people. */
export function describeReport(report) {
  const rows = Object.entries(report.actions).map(([action, { allowed, refused, failed }]) =>
    [action.padEnd(32), ...[allowed, refused, failed].map((count) => String(count).padStart(9))].join(''),
  )
  return [
    `Log ${report.origin ?? '(unknown)'}: ${report.size} entries, ${report.checkpoints} checkpoints, ${report.pending} pending`,
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

async function main(args) {
  const asJson = args.includes('--json')
  const [file, vkeyList, oldFile] = args.filter((arg) => arg !== '--json')
  if (!file || !vkeyList) {
    process.stderr.write(
      'usage: node verifier.mjs export.jsonl|event.tlog-proof VKEY[,VKEY] [old-checkpoint.txt] [--json]\n',
    )
    return 2
  }
  const vkeys = vkeyList.split(',')
  const start = createReadStream(file, { end: 21 })
  let isReceipt = false
  for await (const chunk of start) isReceipt = chunk.toString().startsWith('c2sp.org/tlog-proof@v1')
  const report = isReceipt
    ? verifyReceipt(readFileSync(file, 'utf8'), { vkeys })
    : await verifyExport(createReadStream(file), {
        vkeys,
        oldCheckpoint: oldFile === undefined ? undefined : readFileSync(oldFile, 'utf8'),
      })
  const lines = isReceipt ? [report.message, report.ok ? 'VERIFIED' : 'NOT VERIFIED'] : describeReport(report)
  process.stdout.write(asJson ? `${JSON.stringify(report)}\n` : `${lines.join('\n')}\n`)
  return report.ok ? 0 : 1
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  main(process.argv.slice(2)).then(
    (code) => {
      process.exitCode = code
    },
    (error) => {
      process.stderr.write(`${error.message}\n`)
      process.exitCode = 2
    },
  )
}
