import { parseArgs } from 'node:util'
import { assets } from './assets.ts'
import { CliError, type Noun, type Outcome, type Values, type Verb } from './command.ts'
import { credentials } from './credentials.ts'
import { doctor } from './doctor.ts'
import { init } from './init.ts'
import { jobs } from './jobs.ts'
import { migrate } from './migrate.ts'
import type { OpenEngine } from './open-engine.ts'
import { serving } from './serve.ts'
import { signingKeys } from './signing-keys.ts'
import { storage } from './storage.ts'
import { usage } from './usage.ts'
import { webhooks } from './webhooks.ts'

/** sysexits.h: wrong use, and wrong settings. */
const EX_USAGE = 64

const nouns: Noun[] = [
  init,
  ...serving,
  doctor,
  migrate,
  credentials,
  assets,
  jobs,
  storage,
  usage,
  webhooks,
  signingKeys,
]

export type Terminal = {
  env: Record<string, string | undefined>
  out(text: string): void
  err(text: string): void
}

/** Runs one command and returns its exit status. */
export async function runCli(argv: string[], terminal: Terminal): Promise<number> {
  const { out, err } = terminal
  const [name = 'help', second = ''] = argv
  const noun = nouns.find((each) => each.name === name)
  if (!noun) {
    const asked = ['help', '--help', '-h'].includes(name)
    if (asked) out(help(nouns))
    else err(help(nouns))
    return asked ? 0 : EX_USAGE
  }
  const verb = noun.verbs[second] ?? noun.verbs['']
  if (!verb) {
    const asked = ['', '--help', '-h', 'help'].includes(second)
    if (asked) out(help([noun]))
    else err(help([noun]))
    return second === '' || !asked ? EX_USAGE : 0
  }
  return runVerb(terminal, noun, verb, argv.slice(noun.verbs[second] && second !== '' ? 2 : 1))
}

async function runVerb(terminal: Terminal, noun: Noun, verb: Verb, argv: string[]): Promise<number> {
  let engine: OpenEngine | null = null
  let json = argv.includes('--json')
  try {
    const { values, positionals } = parse(verb, argv)
    if (values.help) {
      terminal.out(help([noun]))
      return 0
    }
    json = values.json === true
    const open = async () => {
      const { openEngine } = await import('./open-engine.ts')
      engine ??= await openEngine(terminal.env)
      return engine
    }
    const outcome = await verb.run({ args: positionals, values, env: terminal.env, open })
    return say(terminal, outcome, json)
  } catch (error) {
    return fail(terminal, error, json)
  } finally {
    await (engine as OpenEngine | null)?.close()
  }
}

function parse(verb: Verb, argv: string[]): { values: Values; positionals: string[] } {
  const options = {
    json: { type: 'boolean' },
    help: { type: 'boolean', short: 'h' },
    ...verb.options,
  } as const
  let parsed: { values: Values; positionals: string[] }
  try {
    parsed = parseArgs({ args: argv, options, allowPositionals: true }) as typeof parsed
  } catch (error) {
    throw new CliError((error as Error).message, EX_USAGE)
  }
  if (parsed.values.help) return parsed
  const needed = (verb.args ?? '').split(' ').filter((word) => word.startsWith('<')).length
  const most = (verb.args ?? '').split(' ').filter(Boolean).length
  if (parsed.positionals.length < needed) throw new CliError(`Missing: ${verb.args}`, EX_USAGE)
  if (parsed.positionals.length > most) {
    throw new CliError(`Not expected: ${parsed.positionals.slice(most).join(' ')}`, EX_USAGE)
  }
  return parsed
}

function say(terminal: Terminal, outcome: Outcome | null, json: boolean): number {
  if (!outcome) return 0
  terminal.out(`${json ? JSON.stringify(outcome.data) : outcome.text}\n`)
  return outcome.ok === false ? 1 : 0
}

function fail(terminal: Terminal, error: unknown, json: boolean): number {
  const message = messageOf(error)
  if (json) terminal.out(`${JSON.stringify({ error: message })}\n`)
  else terminal.err(`${message}\n`)
  return error instanceof CliError ? error.status : 1
}

/** What the database's address or password brings about; the rest says enough by itself. */
const UNREACHABLE = [
  'ECONNREFUSED',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENOENT',
  '28P01',
  '28000',
  '3D000',
]

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const [first] = error instanceof AggregateError ? error.errors : []
  const message = error.message || (first as Error | undefined)?.message || error.name
  const { code = '' } = error as { code?: string }
  return UNREACHABLE.includes(code) ? `The database of DATABASE_URL can’t be used: ${message}` : message
}

function help(shown: Noun[]): string {
  const lines = shown.flatMap(({ name, verbs }) =>
    Object.entries(verbs).map(([verb, { args, summary }]) => [
      [name, verb, args].filter(Boolean).join(' '),
      summary,
    ]),
  )
  const width = Math.max(...lines.map(([left]) => left!.length))
  const list = lines.map(([left, right]) => `  ${left!.padEnd(width)}  ${right}`).join('\n')
  return `A self-hosted, Mux-compatible video engine.\n\n${list}\n\n--json prints data instead of text. Settings come from the environment or ./.env; init writes one.\n`
}
