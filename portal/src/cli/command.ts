import { userInfo } from 'node:os'
import { type ParseArgsConfig, parseArgs } from 'node:util'
import { compose, type Portal } from '../compose.ts'
import type { Context } from '../platform/context.ts'
import type { Settings } from '../platform/env.ts'
import { isAppError } from '../platform/errors.ts'

export type Verb = {
  summary: string
  /** What follows the verb, for the help text. */
  usage?: string
  /** Exit status. */
  run: (args: string[]) => Promise<number>
}

/** One file a noun; the verb named '' runs where the noun stands alone. */
export type Noun = { noun: string; verbs: Record<string, Verb> }

/** Help text on all nouns given. */
export function usage(nouns: readonly Noun[]): string {
  const lines = nouns.flatMap(({ noun, verbs }) =>
    Object.entries(verbs).map(([name, verb]) => {
      const call = [noun, name, verb.usage].filter(Boolean).join(' ')
      // A long call has its summary on a line of its own.
      return `  ${call.length > 48 ? `${call}\n${' '.repeat(50)}` : call.padEnd(48)} ${verb.summary}`
    }),
  )
  return `npm run portal -- <noun> <verb> [--json]\n\n${lines.join('\n')}\n`
}

/** Strict options with `--json` added. @throws TypeError ERR_PARSE_ARGS_… for a wrong one */
export function readArgs<T extends NonNullable<ParseArgsConfig['options']>>(args: string[], options: T) {
  const { values, positionals } = parseArgs({
    args,
    options: { ...options, json: { type: 'boolean', default: false } },
    allowPositionals: true,
  })
  return { values, positionals }
}

/** Runs a command against the installation's database, joining a running portal or starting the database alone. */
export async function withPortal<T>(run: (portal: Portal, ctx: Context) => Promise<T>): Promise<T> {
  const env = { ...process.env, LOG_LEVEL: process.env.LOG_LEVEL ?? 'error' }
  const portal = await compose({ env, exclusive: false })
  try {
    return await run(portal, portal.app.newContext({ kind: 'command', id: userName() }))
  } catch (error) {
    throw withPlace(error, portal.app.settings)
  } finally {
    await portal.close({ stopDatabase: true })
  }
}

/** A video service that can't be reached is most often looked for at the wrong place: says where, and by which setting. */
export function withPlace(
  error: unknown,
  settings: Pick<Settings, 'videoProvider' | 'INTERNAL_URL' | 'MUX_BASE_URL'>,
): unknown {
  if (!isAppError(error) || error.code !== 'unavailable' || !/^The video service can/.test(error.message))
    return error
  const place =
    settings.videoProvider === 'engine'
      ? `${settings.INTERNAL_URL}, by PORT or INTERNAL_URL. If the portal runs at another port, give this command the same setting`
      : `${settings.MUX_BASE_URL ?? 'Mux’s cloud'}, by MUX_BASE_URL`
  return new Error(`${error.message} It was looked for at ${place}.`, { cause: error })
}

function userName(): string {
  try {
    return `os:${userInfo().uid}`
  } catch {
    return 'os:unknown'
  }
}

/** One JSON object with --json, else the lines. */
export function print(json: boolean | undefined, value: unknown, lines: () => string[]): void {
  process.stdout.write(json ? `${JSON.stringify(value)}\n` : `${lines().join('\n')}\n`)
}
