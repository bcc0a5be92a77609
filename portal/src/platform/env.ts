import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { z } from 'zod'
import { auditSettings } from './settings/audit.ts'
import { crossFaults } from './settings/cross-faults.ts'
import { frontDoorSettings } from './settings/front-door.ts'
import { identitySettings } from './settings/identity.ts'
import { isLoopback } from './settings/loopback.ts'
import { messageSettings } from './settings/messages.ts'
import { serverSettings } from './settings/server.ts'
import { videoSettings } from './settings/video.ts'

const settingsSchema = z.object({
  ...serverSettings,
  ...frontDoorSettings,
  ...identitySettings,
  ...videoSettings,
  ...messageSettings,
  ...auditSettings,
})

type Raw = z.infer<typeof settingsSchema>
export type Settings = Readonly<
  Raw & {
    DATA_DIR: string
    PUBLIC_URL: string
    INTERNAL_URL: string
    SECRETS_FILE: string
    MASTER_KEY_FILE: string
    HOST: string
    STAFF_TOTP: 'off' | 'offered' | 'required'
    videoProvider: 'engine' | 'mux'
  }
>

/** Name, description and default of each setting, for the documentation. */
export function describeSettings(): { name: string; description: string; fallback: string }[] {
  return Object.entries(settingsSchema.shape).map(([name, schema]) => {
    const parsed = schema.safeParse(undefined)
    return {
      name,
      description: schema.description ?? '',
      fallback: parsed.success && parsed.data !== undefined ? String(parsed.data) : '',
    }
  })
}

/** A wrong setting: each line names one and says what to set. */
export class SettingsError extends Error {
  constructor(lines: string[]) {
    super(`The portal can't start with these settings:\n${lines.map((line) => `  ${line}`).join('\n')}`)
    this.name = 'SettingsError'
  }
}

/** Default home of all data: /var/lib for root, the user's data folder otherwise. */
export function defaultDataDir(uid = process.getuid?.() ?? 1): string {
  return uid === 0 ? '/var/lib/motion-mavericks' : join(homedir(), '.local/share/motion-mavericks')
}

/** @throws SettingsError with one line a fault */
export function loadSettings(env: Record<string, string | undefined>): Settings {
  const given = Object.fromEntries(
    Object.entries(env).filter(([name, value]) => name in settingsSchema.shape && value !== ''),
  )
  const parsed = settingsSchema.safeParse(given)
  if (!parsed.success)
    throw new SettingsError(parsed.error.issues.map((i) => `${i.path.join('.')} ${i.message}.`))
  const raw = parsed.data
  const DATA_DIR = raw.DATA_DIR ?? defaultDataDir()
  const SECRETS_FILE = raw.SECRETS_FILE ?? join(DATA_DIR, 'secrets.json')
  const tls = raw.TLS_CERT_FILE !== undefined
  const PUBLIC_URL = raw.PUBLIC_URL ?? `${tls ? 'https' : 'http'}://localhost:${raw.PORT}`
  const settings: Settings = {
    ...raw,
    DATA_DIR,
    PUBLIC_URL,
    // With TLS on PORT, plain HTTP for the portal itself is on the next one, and on loopback alone.
    INTERNAL_URL: raw.INTERNAL_URL ?? `http://127.0.0.1:${raw.PORT + (tls ? 1 : 0)}`,
    SECRETS_FILE,
    MASTER_KEY_FILE: raw.MASTER_KEY_FILE ?? join(dirname(SECRETS_FILE), 'master.key'),
    STAFF_TOTP: raw.STAFF_TOTP ?? (isLoopback(PUBLIC_URL) ? 'offered' : 'required'),
    HOST: raw.HOST ?? (isLoopback(PUBLIC_URL) ? '127.0.0.1' : '0.0.0.0'),
    videoProvider: raw.MUX_TOKEN_ID ? 'mux' : 'engine',
  }
  const faults = crossFaults(settings)
  if (faults.length) throw new SettingsError(faults)
  return settings
}
