import { SettingsError } from '../platform/env.ts'
import { isAppError } from '../platform/errors.ts'
import { usage } from './command.ts'
import { nouns } from './nouns.ts'

/** `portal <noun> <verb>`: exit status 0 only on success, 2 where the command itself is wrong. */
async function main(): Promise<number> {
  const [nounName, ...rest] = process.argv.slice(2)
  const noun = nouns.find((candidate) => candidate.noun === nounName)
  if (!noun) {
    process.stderr.write(usage(nouns))
    return nounName === undefined || nounName === 'help' || nounName === '--help' ? 0 : 2
  }
  const named = rest[0] !== undefined && rest[0] in noun.verbs
  const verb = noun.verbs[named ? (rest[0] as string) : '']
  if (!verb) {
    process.stderr.write(usage([noun]))
    return 2
  }
  return await verb.run(named ? rest.slice(1) : rest)
}

main().then(
  (code) => {
    process.exitCode = code
  },
  (error: unknown) => {
    const usageFault =
      error instanceof TypeError && 'code' in error && String(error.code).startsWith('ERR_PARSE_ARGS')
    const told = usageFault || isAppError(error) || error instanceof SettingsError || error instanceof Error
    process.stderr.write(`${told && error instanceof Error ? error.message : String(error)}\n`)
    process.exitCode = usageFault ? 2 : 1
  },
)
