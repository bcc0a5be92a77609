import { readFileSync } from 'node:fs'
import Ajv, { type ValidateFunction } from 'ajv'
import addFormats from 'ajv-formats'
import { ROOT } from './catalogue.ts'

/** Judges documents by the JSON Schema of CycloneDX 1.6; licence names and signatures are taken as they are. */
export function cycloneDx(): ValidateFunction {
  const schema = JSON.parse(readFileSync(`${ROOT}tests/vectors/cyclonedx/bom-1.6.schema.json`, 'utf8'))
  const ajv = new Ajv({ strict: false, formats: { 'iri-reference': true } })
  addFormats(ajv)
  ajv.addSchema({ $id: 'http://cyclonedx.org/schema/spdx.schema.json' })
  ajv.addSchema({
    $id: 'http://cyclonedx.org/schema/jsf-0.82.schema.json',
    definitions: { signature: {} },
  })
  return ajv.compile(schema)
}
