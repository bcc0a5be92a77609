#!/usr/bin/env node
// A witness of transparency logs (C2SP tlog-witness): signs that a log it has seen before has only grown since.
//
//   node witness.mjs --state FOLDER --log VKEY [--log VKEY …] [--name NAME] [--host 127.0.0.1] [--port 8099]
//   node witness.mjs vkey --state FOLDER
//
// One file, nothing beyond Node 18, to be run by somebody other than the log's operator, on another machine. The folder
// holds its key and what it last signed of each log: it must not be lost, restored from an older copy, or shared.
import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, verify } from 'node:crypto'
import { readFileSync, realpathSync } from 'node:fs'
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises'
import { createServer } from 'node:http'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { parseArgs } from 'node:util'

const MAX_BODY_BYTES = 64 * 1024
const MAX_PROOF_HASHES = 63
const REQUEST_MS = 10_000
/** Requests that wait for one log; more are sent away. */
const MAX_WAITING = 64
const MAX_EVIDENCE = 100
/** How far a clock may go back unnoticed, as clocks that are set by a network do. */
const CLOCK_SLACK_SECONDS = 60
const ED25519 = 0x01
const COSIGNATURE_V1 = 0x04
const SPKI_PREFIX = Buffer.from('302a300506032b6570032100', 'hex')
const NAME = /^[^\s+\p{Cc}]{1,200}$/u

// ——— RFC 9162 2.1 ———

const sha256 = (...parts) => parts.reduce((hash, part) => hash.update(part), createHash('sha256')).digest()
const hashNode = (left, right) => sha256(Buffer.of(1), left, right)
const EMPTY_ROOT = sha256()

/** RFC 9162 2.1.4.2, by recursion over the shape of the newer tree: the two roots that a proof leads to, or null. */
function rootsFromConsistency(oldSize, newSize, oldRoot, proof) {
  const rest = [...proof]
  const climb = (start, end, isLeftEdge) => {
    // A subtree that ends where the old tree ends is in both; the old tree itself is known already.
    if (end === oldSize) {
      const hash = isLeftEdge ? oldRoot : rest.shift()
      return hash && { older: hash, newer: hash }
    }
    let width = 1
    while (width * 2 < end - start) width *= 2
    const middle = start + width
    if (oldSize <= middle) {
      const left = climb(start, middle, isLeftEdge)
      const right = left && rest.shift()
      return right && { older: left.older, newer: hashNode(left.newer, right) }
    }
    const right = climb(middle, end, false)
    const left = right && rest.shift()
    return left && { older: hashNode(left, right.older), newer: hashNode(left, right.newer) }
  }
  const roots = climb(0, newSize, true)
  return roots && rest.length === 0 ? roots : null
}

function isConsistent(older, newer, proof) {
  if (older.size === 0) return proof.length === 0 && (newer.size > 0 || newer.root.equals(EMPTY_ROOT))
  if (older.size === newer.size) return proof.length === 0 && newer.root.equals(older.root)
  const roots = rootsFromConsistency(older.size, newer.size, older.root, proof)
  return roots?.older.equals(older.root) && roots.newer.equals(newer.root)
}

// ——— C2SP signed-note, tlog-checkpoint, tlog-cosignature ———

/** Standard base64 in its one canonical spelling, or null. */
function fromBase64(text) {
  const bytes = Buffer.from(text, 'base64')
  return bytes.toString('base64') === text ? bytes : null
}

const keyIdOf = (name, type, raw) => sha256(`${name}\n`, Buffer.of(type), raw).subarray(0, 4)

/** @throws Error with a sentence for the person at the terminal */
export function parseLogKey(vkey) {
  const [, name = '', id, encoded = ''] = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/.exec(vkey) ?? []
  const key = fromBase64(encoded)
  if (!NAME.test(name) || key?.length !== 33 || key[0] !== ED25519)
    throw new Error(`"${vkey}" is not an Ed25519 verifier key of a log`)
  const raw = key.subarray(1)
  if (keyIdOf(name, ED25519, raw).toString('hex') !== id)
    throw new Error(`"${vkey}" is damaged: its ID is not that of its key`)
  const spki = Buffer.concat([SPKI_PREFIX, raw])
  return {
    name,
    id: Buffer.from(id, 'hex'),
    publicKey: createPublicKey({ key: spki, format: 'der', type: 'spki' }),
  }
}

/** Text and signature lines of a note, or null where it is none. */
function splitNote(note) {
  const split = note.lastIndexOf('\n\n')
  if (split < 1 || !note.endsWith('\n')) return null
  const text = note.slice(0, split + 1)
  const lines = note
    .slice(split + 2, -1)
    .split('\n')
    .map((line) => /^— ([^\s+]+) (\S+)$/u.exec(line))
  const signatures = lines.map((line) => line && { name: line[1], bytes: fromBase64(line[2]) })
  const isSound = signatures.every((one) => one?.bytes && one.bytes.length > 4)
  const isText = Buffer.from(text).every((byte) => byte >= 0x20 || byte === 0x0a)
  return isSound && isText ? { text, signatures } : null
}

function parseHead(text) {
  const [origin, sizeLine, rootLine = '', ...extensions] = text.slice(0, -1).split('\n')
  const size = parseSize(sizeLine)
  const root = fromBase64(rootLine)
  if (!origin || size === null || root?.length !== 32 || extensions.includes('')) return null
  return { origin, size, root }
}

function parseSize(text) {
  return /^(0|[1-9]\d{0,15})$/.test(text ?? '') && Number.isSafeInteger(Number(text)) ? Number(text) : null
}

/** Whether a known key signed; a known key's wrong signature spoils the note. */
function isSignedBy(keys, { text, signatures }) {
  let isSigned = false
  for (const { name, bytes } of signatures) {
    const key = keys.find((known) => known.name === name && known.id.equals(bytes.subarray(0, 4)))
    if (!key) continue
    if (!verify(null, Buffer.from(text), key.publicKey, bytes.subarray(4))) return false
    isSigned = true
  }
  return isSigned
}

function createCosigner(name, privateKey) {
  if (!NAME.test(name)) throw new Error('the name of a witness has neither spaces nor plus signs')
  const raw = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32)
  const id = keyIdOf(name, COSIGNATURE_V1, raw)
  const key = Buffer.concat([Buffer.of(COSIGNATURE_V1), raw])
  return {
    vkey: `${name}+${id.toString('hex')}+${key.toString('base64')}`,
    cosign(text, seconds) {
      const time = Buffer.alloc(8)
      time.writeBigUInt64BE(BigInt(seconds))
      const signature = sign(null, Buffer.from(`cosignature/v1\ntime ${seconds}\n${text}`), privateKey)
      return `— ${name} ${Buffer.concat([id, time, signature]).toString('base64')}\n`
    },
  }
}

// ——— Its folder ———

/** Written whole or not at all, and on the disk when this returns. */
async function writeDurably(folder, file, text) {
  const draft = join(folder, `${file}.tmp`)
  const handle = await open(draft, 'w', 0o600)
  try {
    await handle.writeFile(text)
    await handle.sync()
  } finally {
    await handle.close()
  }
  await rename(draft, join(folder, file))
  const directory = await open(folder, 'r')
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** One process a folder: two would sign what the other has not seen. */
async function lockFolder(folder) {
  const file = join(folder, 'lock')
  for (let attempt = 0; ; attempt++) {
    const handle = await open(file, 'wx', 0o600).catch((error) => {
      if (error.code !== 'EEXIST') throw error
      return null
    })
    if (handle) {
      await handle.writeFile(String(process.pid))
      await handle.close()
      return () => rm(file, { force: true })
    }
    const owner = Number(readFileSync(file, 'utf8')) || null
    if (attempt > 0 || (owner !== process.pid && isAlive(owner)))
      throw new Error(`another witness (process ${owner}) uses this folder; if there is none, remove ${file}`)
    await rm(file, { force: true })
  }
}

function isAlive(pid) {
  if (!pid) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error.code === 'EPERM'
  }
}

/** The name is given once and kept with the key: both make up what auditors know this witness by. */
async function loadIdentity(folder, name) {
  const file = join(folder, 'witness-key.json')
  const text = await readFile(file, 'utf8').catch((error) => {
    if (error.code !== 'ENOENT') throw error
    return null
  })
  if (text !== null) {
    const kept = JSON.parse(text)
    if (name !== undefined && name !== kept.name)
      throw new Error(`this folder belongs to the witness ${kept.name}`)
    return createCosigner(kept.name, createPrivateKey(kept.privateKey))
  }
  const privateKey = generateKeyPairSync('ed25519').privateKey
  const cosigner = createCosigner(name ?? `${hostname()}/witness`, privateKey)
  const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  const kept = { name: name ?? `${hostname()}/witness`, privateKey: pem }
  await writeDurably(folder, 'witness-key.json', `${JSON.stringify(kept, null, 2)}\n`)
  return cosigner
}

const stateFile = (origin) => `log-${sha256(origin).toString('hex').slice(0, 32)}.json`

/** What was last signed of a log. @throws Error where the file is damaged: to begin anew would be to forget */
async function loadState(folder, origin) {
  const file = stateFile(origin)
  const text = await readFile(join(folder, file), 'utf8').catch((error) => {
    if (error.code !== 'ENOENT') throw error
    return null
  })
  if (text === null) return { size: 0, root: EMPTY_ROOT, time: 0, note: null }
  try {
    const { note, time, origin: kept } = JSON.parse(text)
    const head = parseHead(splitNote(note).text)
    if (kept !== origin || head.origin !== origin || !Number.isSafeInteger(time)) throw new Error('other log')
    return { size: head.size, root: head.root, time, note }
  } catch {
    throw new Error(
      `${join(folder, file)} is damaged. A witness that begins anew has forgotten what it signed: restore it.`,
    )
  }
}

// ——— The witness ———

const answer = (status, body, type = 'text/plain; charset=utf-8') => ({ status, body, type })
const conflict = (size) => answer(409, `${size}\n`, 'text/x.tlog.size')

/** @param {{ folder: string, logKeys: string[], name?: string, clock?: () => number, clockWasWrong?: boolean, tell?: (line: string) => void }} options */
export async function openWitness(options) {
  const { folder, clock = () => Math.floor(Date.now() / 1000), tell = () => {} } = options
  const unlock = await lockFolder(folder)
  try {
    const cosigner = await loadIdentity(folder, options.name)
    const logs = new Map()
    for (const key of options.logKeys.map(parseLogKey)) {
      const log = logs.get(key.name) ?? {
        keys: [],
        state: await loadState(folder, key.name),
        turn: Promise.resolve(),
        waiting: 0,
      }
      log.keys.push(key)
      if (options.clockWasWrong) log.state.time = 0
      logs.set(key.name, log)
    }
    return {
      vkey: cosigner.vkey,
      logs,
      close: unlock,
      addCheckpoint: createAddCheckpoint({ folder, cosigner, logs, clock, tell }),
    }
  } catch (error) {
    await unlock()
    throw error
  }
}

function createAddCheckpoint({ folder, cosigner, logs, clock, tell }) {
  /** What was seen and not signed, kept for people: two heads of one size prove that a log forked. */
  async function keepEvidence(log, why, note) {
    tell(`REFUSED ${why}\n${note}`)
    const name = `evidence-${sha256(note).toString('hex').slice(0, 16)}.txt`
    const kept = (await readdir(folder)).filter((file) => file.startsWith('evidence-'))
    if (kept.length >= MAX_EVIDENCE || kept.includes(name)) return
    await writeDurably(
      folder,
      name,
      `${why}\n\nSigned before:\n\n${log.state.note ?? '(nothing)\n'}\nRefused:\n\n${note}`,
    )
  }

  async function decide(log, { oldSize, proof, head, text, note }) {
    const { state } = log
    if (oldSize !== state.size) {
      if (head.size === state.size && !head.root.equals(state.root))
        await keepEvidence(log, `another head over ${head.size} entries than the one signed before`, note)
      return conflict(state.size)
    }
    if (head.size === state.size && state.note !== null && !head.root.equals(state.root)) {
      await keepEvidence(log, `another head over ${head.size} entries than the one signed before`, note)
      return conflict(state.size)
    }
    if (!isConsistent(state, head, proof)) {
      await keepEvidence(
        log,
        `no proof that ${head.size} entries begin with the ${state.size} signed before`,
        note,
      )
      return answer(422, 'The proof does not lead from the head signed before to this one.\n')
    }
    const now = clock()
    if (now < state.time - CLOCK_SLACK_SECONDS) {
      tell(
        `The clock says ${now}, but something was signed at ${state.time}. Mend it; if it was wrong then, start with --clock-was-wrong.`,
      )
      return answer(503, 'The clock of this witness went back.\n')
    }
    const time = Math.max(now, state.time)
    // On the disk before the signature exists: a witness that is killed here has signed nothing that it forgot.
    await writeDurably(
      folder,
      stateFile(head.origin),
      `${JSON.stringify({ origin: head.origin, time, note }, null, 2)}\n`,
    )
    log.state = { size: head.size, root: head.root, time, note }
    return answer(200, cosigner.cosign(text, time))
  }

  return async function addCheckpoint(body) {
    const request = parseRequest(body)
    if (!request) return answer(400, 'Not a request of c2sp.org/tlog-witness.\n')
    const log = logs.get(request.head.origin)
    if (!log) return answer(404, 'This witness does not watch a log of this name.\n')
    if (!isSignedBy(log.keys, request))
      return answer(403, 'No key of this log that this witness knows has signed this.\n')
    if (request.oldSize > request.head.size) return answer(400, 'The old size is greater than the new one.\n')
    if (log.waiting >= MAX_WAITING) return answer(503, 'Too many requests wait.\n')
    // One after the other: what is compared must be what is replaced.
    log.waiting += 1
    const turn = log.turn.then(() => decide(log, request))
    log.turn = turn
      .then(
        () => {},
        () => {},
      )
      .finally(() => {
        log.waiting -= 1
      })
    return await turn
  }
}

/** tlog-witness, add-checkpoint: `old N`, hashes in base64, an empty line, a checkpoint. */
function parseRequest(body) {
  const end = body.indexOf('\n\n')
  const [first = '', ...lines] = body.slice(0, Math.max(end, 0)).split('\n')
  const oldSize = first.startsWith('old ') ? parseSize(first.slice(4)) : null
  const proof = lines.map(fromBase64)
  const note = body.slice(end + 2)
  const parts = splitNote(note)
  const head = parts && parseHead(parts.text)
  if (oldSize === null || !head || proof.length > MAX_PROOF_HASHES) return null
  if (proof.some((hash) => hash?.length !== 32)) return null
  return { oldSize, proof, head, note, ...parts }
}

// ——— Its door ———

async function readBody(req) {
  const chunks = []
  let length = 0
  for await (const chunk of req) {
    length += chunk.length
    if (length > MAX_BODY_BYTES) return null
    chunks.push(chunk)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Buffer.concat(chunks))
  } catch {
    return ''
  }
}

async function route(witness, req) {
  const path = (req.url ?? '/').split('?', 1)[0]
  if (req.method === 'POST' && path === '/add-checkpoint') {
    const body = await readBody(req)
    return body === null ? answer(413, 'Too long.\n') : await witness.addCheckpoint(body)
  }
  if (req.method === 'GET' && path === '/') {
    const logs = [...witness.logs].map(([origin, { state }]) => ({
      origin,
      size: state.size,
      checkpoint: state.note,
    }))
    return answer(200, `${JSON.stringify({ vkey: witness.vkey, logs }, null, 2)}\n`, 'application/json')
  }
  return answer(404, 'Nothing here. POST /add-checkpoint\n')
}

/** Serves until the server is closed. @throws Error where the port is taken */
export async function serveWitness(witness, { host, port, tell = () => {} }) {
  const server = createServer(async (req, res) => {
    const { status, body, type } = await route(witness, req).catch((error) => {
      tell(`failed: ${error.message}`)
      return answer(500, 'This witness could not keep what it saw, and signed nothing.\n')
    })
    // What is left of a body that is too long is not read.
    if (status === 413) res.setHeader('connection', 'close')
    res.writeHead(status, { 'content-type': type, 'content-length': Buffer.byteLength(body) }).end(body)
  })
  server.requestTimeout = REQUEST_MS
  server.headersTimeout = REQUEST_MS
  server.maxConnections = 256
  await new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })
  return server
}

const USAGE =
  'usage: node witness.mjs [vkey] --state FOLDER --log VKEY [--log VKEY] [--name NAME] [--host HOST] [--port PORT]\n'

/** The command; resolves with an exit status, or with null where it goes on serving. */
export async function main(args) {
  const { values, positionals } = parseArgs({
    args,
    allowPositionals: true,
    options: {
      state: { type: 'string' },
      log: { type: 'string', multiple: true },
      name: { type: 'string' },
      host: { type: 'string', default: '127.0.0.1' },
      port: { type: 'string', default: '8099' },
      'clock-was-wrong': { type: 'boolean', default: false },
    },
  })
  const isVkeyOnly = positionals[0] === 'vkey'
  if (!values.state || (!isVkeyOnly && !values.log?.length)) {
    process.stderr.write(USAGE)
    return 2
  }
  await mkdir(values.state, { recursive: true, mode: 0o700 })
  if (isVkeyOnly) {
    process.stdout.write(`${(await loadIdentity(values.state, values.name)).vkey}\n`)
    return 0
  }
  const tell = (line) => process.stderr.write(`${new Date().toISOString()} ${line}\n`)
  const witness = await openWitness({
    ...{ folder: values.state, logKeys: values.log, name: values.name, tell },
    clockWasWrong: values['clock-was-wrong'],
  })
  const server = await serveWitness(witness, { host: values.host, port: Number(values.port), tell })
  const { address, port } = server.address()
  const host = address.includes(':') ? `[${address}]` : address
  process.stdout.write(`witness ${witness.vkey}\nlistens at http://${host}:${port}\n`)
  for (const signal of ['SIGINT', 'SIGTERM']) {
    process.once(signal, () => {
      server.close(() => witness.close().finally(() => process.exit(0)))
      server.closeIdleConnections?.()
    })
  }
  return null
}

if (process.argv[1] && import.meta.url === pathToFileURL(realpathSync(process.argv[1])).href) {
  main(process.argv.slice(2)).then(
    (code) => {
      if (code !== null) process.exitCode = code
    },
    (error) => {
      process.stderr.write(`${error.message}\n`)
      process.exitCode = 2
    },
  )
}
