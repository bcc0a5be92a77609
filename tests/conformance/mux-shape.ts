import { readFileSync } from 'node:fs'

type Schema = {
  $ref?: string
  type?: string
  required?: string[]
  properties?: Record<string, Schema>
  enum?: unknown[]
  items?: Schema
  allOf?: Schema[]
  oneOf?: Schema[]
  anyOf?: Schema[]
  nullable?: boolean
  minimum?: number
  maximum?: number
}

const file = new URL('../vectors/mux/openapi-components.json', import.meta.url)
const { schemas } = JSON.parse(readFileSync(file, 'utf8')).components as { schemas: Record<string, Schema> }

/** Ways in which a body departs from a component of Mux's OpenAPI document; fields that it doesn't name may be added. */
export function shapeFaults(component: string, body: unknown): string[] {
  if (!schemas[component]) throw new Error(`no schema ${component}`)
  return faults(schemas[component], body, component)
}

function faults(schema: Schema, value: unknown, at: string): string[] {
  if (schema.$ref) return faults(schemas[schema.$ref.split('/').at(-1)!]!, value, at)
  if (schema.allOf) return schema.allOf.flatMap((each) => faults(each, value, at))
  const choices = schema.oneOf ?? schema.anyOf
  if (choices) {
    return choices.some((each) => faults(each, value, at).length === 0)
      ? []
      : [`${at}: fits none of its forms`]
  }
  if (value === null && schema.nullable) return []
  if (schema.enum && !schema.enum.includes(value)) return [`${at}: ${JSON.stringify(value)} is not allowed`]
  if (!hasType(schema, value)) return [`${at}: ${JSON.stringify(value)} is not ${schema.type}`]
  if (
    typeof value === 'number' &&
    (value < (schema.minimum ?? -Infinity) || value > (schema.maximum ?? Infinity))
  ) {
    return [`${at}: ${value} is out of range`]
  }
  if (Array.isArray(value)) return value.flatMap((each, n) => faults(schema.items ?? {}, each, `${at}[${n}]`))
  return typeof value === 'object' && value !== null
    ? objectFaults(schema, value as Record<string, unknown>, at)
    : []
}

function objectFaults(schema: Schema, value: Record<string, unknown>, at: string): string[] {
  const missing = (schema.required ?? [])
    .filter((name) => !(name in value))
    .map((name) => `${at}.${name}: is missing`)
  const wrong = Object.entries(schema.properties ?? {})
    .filter(([name]) => value[name] !== undefined)
    .flatMap(([name, each]) => faults(each, value[name], `${at}.${name}`))
  return [...missing, ...wrong]
}

function hasType(schema: Schema, value: unknown): boolean {
  switch (schema.type ?? (schema.properties || schema.required ? 'object' : undefined)) {
    case undefined:
      return true
    case 'array':
      return Array.isArray(value)
    case 'object':
      return typeof value === 'object' && value !== null && !Array.isArray(value)
    case 'integer':
      return Number.isInteger(value)
    default:
      return typeof value === (schema.type ?? 'object')
  }
}
