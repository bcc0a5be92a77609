import { newToken } from './crypto.ts'
import type { Standing } from './live-secret.ts'
import { rootsOf } from './seal-keys.ts'
import { changeSecrets, type PastName, type SecretFiles, type Secrets } from './secrets.ts'

/** The secret of this name, with those before it. */
export function standingOf(secrets: Secrets, name: PastName): Standing {
  const past = (secrets.past ?? []).filter((one) => one.name === name)
  if (name === 'cron') return { current: secrets.cronSecret, past }
  const roots = rootsOf(secrets)
  return { current: roots[name] ?? roots.hash, past }
}

/**
 * Puts a new secret in its place; those before it hold until their time is over, and where they are `ended` are only found
 * by until then. The file is written whole or not at all.
 */
export async function replaceSecret(
  files: SecretFiles,
  name: PastName,
  { until, ended }: { until: Date; ended: boolean },
): Promise<void> {
  await changeSecrets(files, (secrets) => {
    const { current } = standingOf(secrets, name)
    const replaced = { name, value: current, until: until.toISOString() }
    const past = [replaced, ...(secrets.past ?? [])].map((one) =>
      ended && one.name === name ? { ...one, ended } : one,
    )
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
