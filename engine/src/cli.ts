#!/usr/bin/env node
import { existsSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { assets } from './cli/assets.ts'
import { CliError, type Noun, type Outcome, type Values, type Verb } from './cli/command.ts'
import { credentials } from './cli/credentials.ts'
import { doctor } from './cli/doctor.ts'
import { init } from './cli/init.ts'
import { jobs } from './cli/jobs.ts'
import { migrate } from './cli/migrate.ts'
import type { OpenEngine } from './cli/open-engine.ts'
import { serving } from './cli/serve.ts'
import { signingKeys } from './cli/signing-keys.ts'
import { storage } from './cli/storage.ts'
import { usage } from './cli/usage.ts'
import { webhooks } from './cli/webhooks.ts'

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

async function main(argv: string[]): Promise<number> {
  const [name = 'help', second = ''] = argv
  const noun = nouns.find((each) => each.name === name)
  if (!noun) {
    const asked = ['help', '--help', '-h'].includes(name)
    ;(asked ? process.stdout : process.stderr).write(help(nouns))
    return asked ? 0 : EX_USAGE
  }
  const verb = noun.verbs[second] ?? noun.verbs['']
  if (!verb) {
    const asked = ['', '--help', '-h', 'help'].includes(second)
    ;(asked ? process.stdout : process.stderr).write(help([noun]))
    return second === '' || !asked ? EX_USAGE : 0
  }
  return runVerb(noun, verb, argv.slice(noun.verbs[second] && second !== '' ? 2 : 1))
}

async function runVerb(noun: Noun, verb: Verb, argv: string[]): Promise<number> {
  let engine: OpenEngine | null = null
  let json = argv.includes('--json')
  try {
    const { values, positionals } = parse(verb, argv)
    if (values.help) {
      process.stdout.write(help([noun]))
      return 0
    }
    json = values.json === true
    if (existsSync('.env')) process.loadEnvFile('.env')
    const open = async () => {
      const { openEngine } = await import('./cli/open-engine.ts')
      engine ??= await openEngine(process.env)
      return engine
    }
    const outcome = await verb.run({ args: positionals, values, env: process.env, open })
    return say(outcome, json)
  } catch (error) {
    return fail(error, json)
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

function say(outcome: Outcome | null, json: boolean): number {
  if (!outcome) return 0
  process.stdout.write(`${json ? JSON.stringify(outcome.data) : outcome.text}\n`)
  return outcome.ok === false ? 1 : 0
}

function fail(error: unknown, json: boolean): number {
  const message = error instanceof Error ? error.message || error.name : String(error)
  if (json) process.stdout.write(`${JSON.stringify({ error: message })}\n`)
  else process.stderr.write(`${message}\n`)
  return error instanceof CliError ? error.status : 1
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

const status = await main(process.argv.slice(2))
// A server goes on; everything else is over once its words are out, whatever connection still idles.
const serves = ['serve', 'api', 'delivery', 'worker'].includes(process.argv[2] ?? '') && status === 0
if (!serves) process.stdout.write('', () => process.exit(status))
