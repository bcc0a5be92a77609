// Writes openapi-components.json beside it: what Mux's OpenAPI document says of the answers that the engine gives.
//   node tests/vectors/mux/extract.mjs <the whole document>.json
import { readFileSync, writeFileSync } from 'node:fs'

const SERVED =
  /^\/(video\/v1\/(uploads|assets|playback-ids|playback-restrictions|delivery-usage|signing-keys)|system\/v1\/(whoami|usage|signing-keys)|\{PLAYBACK_ID\})/
const METHODS = ['get', 'post', 'put', 'patch', 'delete']
/** Of people's interest only, or nothing that JSON Schema knows. */
const PROSE = /^(description|examples?|title|deprecated|default|readOnly|writeOnly|x-.*)$/

const whole = JSON.parse(readFileSync(process.argv[2], 'utf8'))
const schemas = {}

/** A copy without prose; the components that it refers to come along. */
function copy(value, isName = false) {
  if (Array.isArray(value)) return value.map((each) => copy(each))
  if (typeof value !== 'object' || value === null) return value
  if (typeof value.$ref === 'string') addComponent(value.$ref.split('/').at(-1))
  const kept = Object.entries(value).filter(([name]) => isName || !PROSE.test(name))
  return Object.fromEntries(kept.map(([name, each]) => [name, copy(each, name === 'properties' && !isName)]))
}

function addComponent(name) {
  if (name in schemas) return
  schemas[name] = null
  schemas[name] = copy(whole.components.schemas[name])
}

function answersOf(operation) {
  return Object.fromEntries(
    Object.entries(operation.responses).map(([status, { content }]) => {
      const types = Object.entries(content ?? {}).map(([type, { schema }]) => [
        type,
        { schema: copy(schema ?? {}) },
      ])
      return [status, types.length > 0 ? { content: Object.fromEntries(types) } : {}]
    }),
  )
}

const paths = {}
for (const [path, operations] of Object.entries(whole.paths)) {
  if (!SERVED.test(path)) continue
  paths[path] = Object.fromEntries(
    METHODS.filter((method) => operations[method]).map((method) => [
      method,
      { operationId: operations[method].operationId, responses: answersOf(operations[method]) },
    ]),
  )
}
const sorted = Object.fromEntries(Object.entries(schemas).sort(([a], [b]) => a.localeCompare(b)))
const text = JSON.stringify({ openapi: whole.openapi, paths, components: { schemas: sorted } }, null, 1)
writeFileSync(new URL('openapi-components.json', import.meta.url), `${text}\n`)
