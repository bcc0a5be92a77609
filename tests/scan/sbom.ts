import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { callNpm, ROOT } from './call-npm.ts'
import type { Finding, Scan } from './scan.ts'

const FILE = '.artifacts/sbom.cdx.json'
/** Our two workspaces, which are nobody's to license. */
const OWN = 'pkg:npm/%40mm/'

type Component = {
  'bom-ref': string
  name: string
  version?: string
  purl?: string
  licenses?: unknown[]
  properties?: { name: string }[]
}
type Dependency = { ref: string; dependsOn?: string[] }
/** A CycloneDX 1.6 parts list, as far as it is looked at here. */
type Sbom = {
  specVersion: string
  metadata: { component: Component }
  components: Component[]
}

const isForTests = ({ properties = [] }: Component) =>
  properties.some(({ name }) => name === 'cdx:npm:package:development')

/**
 * What the product is made of, without what only tests need: npm's own list, raised to CycloneDX 1.6. npm's `--omit=dev`
 * leaves out what tests need as well (jose, zod): it is asked for everything, with its word on each.
 */
export async function makeSbom(): Promise<Sbom> {
  const flags = ['--sbom-format=cyclonedx', '--sbom-type=application', '--package-lock-only']
  const { stdout, stderr, failed } = await callNpm('sbom', ...flags)
  if (failed) throw new Error(`npm sbom failed: ${stderr}`)
  const sbom = JSON.parse(stdout)
  const { name } = JSON.parse(await readFile(`${ROOT}package.json`, 'utf8'))
  // npm names the product after the folder that it lies in.
  sbom.metadata.component.name = name
  sbom.components = sbom.components.filter((component: Component) => !isForTests(component))
  const kept = new Set([sbom.metadata.component, ...sbom.components].map((one: Component) => one['bom-ref']))
  sbom.dependencies = sbom.dependencies
    .filter(({ ref }: Dependency) => kept.has(ref))
    .map(({ ref, dependsOn = [] }: Dependency) => ({
      ref,
      dependsOn: dependsOn.filter((on) => kept.has(on)),
    }))
  for (const component of sbom.components) component.licenses ??= await ownWords(component)
  return { ...sbom, $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json', specVersion: '1.6' }
}

/** npm leaves out a licence that is not named as SPDX names it; the package's own words say more than nothing. */
async function ownWords({ name, purl = '' }: Component): Promise<unknown[] | undefined> {
  const folder = decodeURIComponent(purl.slice('pkg:npm/'.length)).replace(/(?<=.)@[^@]*$/, '') || name
  const { license } = await readFile(`${ROOT}node_modules/${folder}/package.json`, 'utf8').then(
    JSON.parse,
    () => ({}),
  )
  return typeof license === 'string' ? [{ license: { name: license } }] : undefined
}

export const run: Scan = async () => {
  const sbom = await makeSbom()
  const { components } = sbom
  await mkdir(`${ROOT}.artifacts`, { recursive: true })
  await writeFile(`${ROOT}${FILE}`, `${JSON.stringify(sbom, null, 2)}\n`)
  const findings: Finding[] = components
    .filter(({ licenses, purl }) => !licenses?.length && !purl?.startsWith(OWN))
    .map(({ 'bom-ref': where }) => ({ where, rule: 'licence', what: 'says no licence' }))
  return { tools: ['npm sbom'], checked: components.length, findings, notes: { written: FILE } }
}
