import { readFileSync } from 'node:fs'
import { Ajv } from 'ajv'
import addFormats from 'ajv-formats'
import { expect, test } from 'vitest'
import { makeSbom } from './sbom.ts'

const schema = JSON.parse(
  readFileSync(new URL('../vectors/cyclonedx/bom-1.6.schema.json', import.meta.url), 'utf8'),
)

/** An SPDX identifier; the list of them is a schema of its own. */
const SPDX = {
  $id: 'http://cyclonedx.org/schema/spdx.schema.json',
  type: 'string',
  pattern: '^[A-Za-z0-9.+-]+$',
}
const SIGNATURES = {
  $id: 'http://cyclonedx.org/schema/jsf-0.82.schema.json',
  definitions: { signature: { type: 'object' } },
}

test('[ASVS-15.1.2] the parts list is valid CycloneDX 1.6, and names what the product runs with, not what tests need', async () => {
  const sbom = await makeSbom()
  const ajv = new Ajv({ strict: false, schemas: [SPDX, SIGNATURES] })
  addFormats.default(ajv)
  for (const format of ['iri-reference', 'idn-email']) ajv.addFormat(format, true)
  const validate = ajv.compile(schema)
  expect(validate(sbom) || validate.errors).toBe(true)
  expect(validate({ ...sbom, components: [{ name: 'a part of no type' }] })).toBe(false)
  const names = sbom.components.map(({ name }) => name)
  expect(names).toEqual(expect.arrayContaining(['next', 'hono', 'pg', 'jose']))
  expect(names).not.toContain('csp_evaluator')
  expect(names).not.toContain('@biomejs/biome')
  expect(sbom.metadata.component.name).toBe('motion-mavericks-portal')
}, 60_000)
