import { newToken } from './crypto.ts'
import type { Standing } from './live-secret.ts'
import { changeSecrets, type PastName, rootsOf, type SecretFiles, type Secrets } from './secrets.ts'

/** The secret of this name, with those before it. */
export function standingOf(secrets: Secrets, name: PastName): Standing {
  const past = (secrets.past ?? []).filter((one) => one.name === name)
  return { current: name === 'cron' ? secrets.cronSecret : rootsOf(secrets)[name], past }
}

/**
 * Puts a new secret in its place; the one before holds until then, and with `atOnce` none of those before it any more. The
 * file is written whole or not at all.
 */
export async function replaceSecret(
  files: SecretFiles,
  name: PastName,
  until: Date,
  atOnce: boolean,
): Promise<void> {
  await changeSecrets(files, (secrets) => {
    const { current } = standingOf(secrets, name)
    const older = (secrets.past ?? []).filter((one) => !(atOnce && one.name === name))
    const past = atOnce ? older : [{ name, value: current, until: until.toISOString() }, ...older]
    const made = newToken()
    return name === 'cron'
      ? { ...secrets, past, cronSecret: made }
      : { ...secrets, past, roots: { ...rootsOf(secrets), [name]: made } }
  })
}

/** Takes secrets out of the file whose time is over. */
export async function forgetPast(files: SecretFiles, now: Date): Promise<void> {
  await changeSecrets(files, (secrets) => {
    const { past = [], ...kept } = secrets
    const holding = past.filter(({ until }) => Date.parse(until) > now.getTime())
    return holding.length > 0 ? { ...kept, past: holding } : kept
  })
}
