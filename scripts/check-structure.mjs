// Checks the shape of the tree: a closed vocabulary of names, no catch-all files, no clock or environment
// inside modules. Prints what breaks a rule and lists files past 250 lines. Exit 1 if a rule is broken.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, extname } from 'node:path'

const MODULES =
  'abuse identity access projects review videos uploads playback downloads sharing webhooks notifications analytics audit privacy limits costs reliability vendors'.split(
    ' ',
  )
const SINGLE_WORDS = 'tables inputs answers rules policy queries jobs personal-data'.split(' ')
// A module's own nouns, where its matter has some that no verb-noun file could carry. A new one is a decision.
const NOUNS = {
  audit:
    'anchor checkpoint classification cosignature cosigned event export integrate leaves merkle note pending personal receipt record search sequencer tiles verifier witness',
  identity: 'actor auth organisation',
}
const ADAPTERS = 'video identity mail storage limits alerts errors'.split(' ')
// "Trusted Types" is the name of a web standard.
const CATCH_ALL = /^(?!trusted-types$)(.*[-.])?(index|utils?|helpers?|types?|misc|common|shared|manager)$/
const KEBAB = /^[a-z0-9]+(-[a-z0-9]+)*$/
const VERB_NOUN = /^[a-z]+(-[a-z0-9]+)+$/
// Next fixes the names of its own files and writes parameters in brackets and groups in parentheses.
const NEXT_FILE = /^portal\/(src\/app\/|next\.config\.ts$)/
const SMELL = 250
const LIMIT = 600
// What an auditor takes along is one file, whatever its length.
const ONE_FILE = 'portal/src/modules/audit/verifier.mjs'
// Runs on somebody else's machine, where nobody gives it the time.
const OWN_CLOCK = 'portal/src/modules/audit/witness/witness.mjs'

/** Broken rules for one source file. @param {string} path @param {string} text @returns {string[]} */
export function breaches(path, text) {
  const found = []
  const name = basename(path).replace(/(\.(db|inline|d|config))?(\.(test|bench))?\.[cm]?[jt]sx?$/, '')
  const isTest = /\.test\.tsx?$/.test(path)
  if (CATCH_ALL.test(name)) found.push('a catch-all name says nothing: name it after what it does')
  if (!NEXT_FILE.test(path) && !KEBAB.test(name)) found.push('file names are kebab-case')
  const module = /^portal\/src\/modules\/([^/]+)\/(.+)$/.exec(path)
  if (module && !isTest) found.push(...moduleBreaches(module[1], module[2], name, text, path))
  const adapter = /^portal\/src\/adapters\/([^/]+)\//.exec(path)
  if (adapter && !ADAPTERS.includes(adapter[1]))
    found.push(`"${adapter[1]}" is no adapter of ARCHITECTURE.md`)
  const lines = text.split('\n').length - 1
  if (lines > LIMIT && path !== ONE_FILE) found.push(`${lines} lines; past ${LIMIT} a file is split`)
  return found
}

function moduleBreaches(module, inside, name, text, path) {
  const found = []
  if (!MODULES.includes(module)) found.push(`"${module}" is no module of ARCHITECTURE.md`)
  if (inside.startsWith('ui/')) return found
  const words = [...SINGLE_WORDS, ...(NOUNS[module]?.split(' ') ?? [])]
  if (!words.includes(name) && !VERB_NOUN.test(name)) {
    found.push(`module files are ${words.join(', ')}, or verb-noun`)
  }
  const code = text.replace(/\/\*[\s\S]*?\*\/|(^|\s)\/\/.*$/gm, '')
  if (/\bprocess\.env\b/.test(code)) found.push('modules read no process.env: take it from the configuration')
  if (path !== OWN_CLOCK && /\bDate\.now\(|\bnew Date\(\)|\bperformance\.now\(/.test(code)) {
    found.push('modules read no wall clock: take the time from the context')
  }
  return found
}

// Walked rather than asked of git, which refuses a clone that belongs to another user.
function sources(folders = ['portal', 'engine', 'tests', 'scripts']) {
  return folders.flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
      const path = `${folder}/${entry.name}`
      if (entry.isDirectory()) return isOurs(path, entry.name) ? sources([path]) : []
      return /^\.[cm]?[jt]sx?$/.test(extname(path)) && entry.name !== 'next-env.d.ts' ? [path] : []
    }),
  )
}

function isOurs(path, name) {
  return name !== 'node_modules' && !name.startsWith('.') && path !== 'tests/vectors'
}

function main() {
  let broken = 0
  const long = []
  for (const path of sources()) {
    const text = readFileSync(path, 'utf8')
    for (const breach of breaches(path, text)) {
      broken += 1
      console.error(`${path}: ${breach}`)
    }
    const lines = text.split('\n').length - 1
    if (lines > SMELL) long.push([lines, path])
  }
  long.sort((a, b) => b[0] - a[0])
  for (const [lines, path] of long)
    console.error(`note: ${path} has ${lines} lines (aim at 100, ${SMELL} is a smell)`)
  console.error(broken ? `structure: ${broken} rules broken` : 'structure: ok')
  process.exit(broken ? 1 : 0)
}

if (import.meta.main ?? process.argv[1]?.endsWith('check-structure.mjs')) main()
