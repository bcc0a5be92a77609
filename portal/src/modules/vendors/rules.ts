import { RUNBOOK_1 } from './runbook-1.ts'

/** What to do when a service that the portal depends on is away. Steps are in the order in which they are done. */
export type ServiceRunbook = {
  /** Its anchor in the page and the document. */
  id: string
  name: string
  /** Settings that name it; without them the portal does without, or has it inside. */
  settings: readonly string[]
  /** Alerts that are about it, by their key up to a `:`. */
  alerts: readonly string[]
  signs: readonly string[]
  /** What people feel, and what goes on. */
  stops: string
  goesOn: string
  steps: readonly string[]
  /** What to do where it stays away. */
  fallback: string
  afterwards: readonly string[]
  /** Whom to turn to: the vendor's own public ways. Contracts and names are the operator's to keep. */
  escalate: string
}

export type Runbook = { version: string; tell: readonly string[]; services: readonly ServiceRunbook[] }

/** Every version that ships; an older one stays for as long as somebody may have to follow it: three years. */
export const RUNBOOKS = { '1': RUNBOOK_1 } as const satisfies Record<string, Runbook>

export type RunbookVersion = keyof typeof RUNBOOKS

export const RUNBOOK_PATH = '/admin/alerts/runbook'

/** The service that an alert is about, in this version; null where it is about no outside service. */
export function serviceOfAlert(version: RunbookVersion, key: string): ServiceRunbook | null {
  const services: readonly ServiceRunbook[] = RUNBOOKS[version].services
  const cause = key.split(':', 1)[0] ?? key
  return (
    services.find(({ alerts }) => alerts.includes(key)) ??
    services.find(({ alerts }) => alerts.includes(cause)) ??
    null
  )
}

/** Where the page says what to do about an alert; null where it is about no outside service. */
export function runbookPathOf(version: RunbookVersion, key: string): string | null {
  const service = serviceOfAlert(version, key)
  return service && `${RUNBOOK_PATH}#${service.id}`
}
