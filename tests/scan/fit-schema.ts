import fc from 'fast-check'

/** The part of JSON Schema 2020-12 that the API's document uses for what is sent. */
export type SentSchema = {
  $ref?: string
  type?: string | string[]
  format?: string
  pattern?: string
  enum?: unknown[]
  const?: unknown
  anyOf?: SentSchema[]
  oneOf?: SentSchema[]
  allOf?: SentSchema[]
  properties?: Record<string, SentSchema>
  required?: string[]
  additionalProperties?: boolean | SentSchema
  propertyNames?: SentSchema
  items?: SentSchema
  prefixItems?: SentSchema[]
  minItems?: number
  maxItems?: number
  minLength?: number
  maxLength?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  exclusiveMaximum?: number
}

/** As long as texts get without need: a megabyte in each field would say no more. */
const MOST_TEXT = 80
const MOST_ITEMS = 3
const ANY_TEXT = '^[^\\u0000]*$'

/** Values that fit a schema, its edges among them. @param find resolves a `$ref` */
export function fitting(schema: SentSchema, find: (ref: string) => SentSchema): fc.Arbitrary<unknown> {
  const of = (each: SentSchema) => fitting(each, find)
  if (schema.$ref) return of(find(schema.$ref))
  if (schema.const !== undefined) return fc.constant(schema.const)
  if (schema.enum) return fc.constantFrom(...schema.enum)
  const one = schema.anyOf ?? schema.oneOf
  if (one) return fc.oneof(...one.map(of))
  if (schema.allOf) return fc.tuple(...schema.allOf.map(of)).map((parts) => Object.assign({}, ...parts))
  if (Array.isArray(schema.type)) return fc.oneof(...schema.type.map((type) => of({ ...schema, type })))
  switch (schema.type) {
    case 'string':
      return text(schema)
    case 'integer':
      return whole(schema)
    case 'number':
      return fc.double({
        min: schema.minimum ?? schema.exclusiveMinimum ?? -1e9,
        max: schema.maximum ?? schema.exclusiveMaximum ?? 1e9,
        noNaN: true,
        minExcluded: schema.exclusiveMinimum !== undefined,
        maxExcluded: schema.exclusiveMaximum !== undefined,
      })
    case 'boolean':
      return fc.boolean()
    case 'null':
      return fc.constant(null)
    case 'array':
      return list(schema, of)
    default:
      return schema.type === 'object' || schema.properties ? record(schema, of) : fc.jsonValue()
  }
}

function whole({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: SentSchema): fc.Arbitrary<number> {
  const min = minimum ?? (exclusiveMinimum === undefined ? Number.MIN_SAFE_INTEGER : exclusiveMinimum + 1)
  const max = maximum ?? (exclusiveMaximum === undefined ? Number.MAX_SAFE_INTEGER : exclusiveMaximum - 1)
  // Both edges often: they are where a schema and a table disagree.
  return fc.oneof(
    fc.constantFrom(min, max),
    fc.maxSafeInteger().map((n) => min + (Math.abs(n) % (max - min + 1))),
  )
}

function text({ format, pattern, minLength = 0, maxLength = MOST_TEXT }: SentSchema): fc.Arbitrary<string> {
  const long = Math.max(minLength, Math.min(maxLength, MOST_TEXT))
  const fits = (value: string) => value.length >= minLength && value.length <= maxLength
  if (pattern && pattern !== ANY_TEXT)
    return fc.stringMatching(new RegExp(pattern, 'u'), { size: 'small' }).filter(fits)
  switch (format) {
    case 'date-time':
      return instants().filter(fits)
    case 'date':
      return instants().map((value) => value.slice(0, 10))
    case 'email':
      // RFC 5321 takes far more; what a schema's `email` is held to is what mailboxes are called.
      return fc
        .stringMatching(/^[a-z][a-z0-9.]{0,9}[a-z0-9]@[a-z0-9]{1,12}\.(com|net|org)$/)
        .filter((value) => !value.includes('..') && fits(value))
    case 'uuid':
      return fc.uuid()
    case 'uri':
      return fc.webUrl().filter(fits)
    default:
      return (
        fc
          .oneof(
            fc.string({ minLength, maxLength: long }),
            fc.string({ minLength, maxLength: long, unit: 'grapheme' }),
          )
          // Blanks at the ends are taken off before a length is judged, which no schema can say.
          .filter((value) => !value.includes('\u0000') && value.trim() === value && fits(value))
      )
  }
}

/** RFC 3339, as its own examples write it: in UTC or with an offset, with or without a fraction. */
function instants(): fc.Arbitrary<string> {
  const moment = fc.date({ min: new Date('1990-01-01'), max: new Date('2099-12-31'), noInvalidDate: true })
  const form = fc.constantFrom(
    (at: string) => at,
    (at: string) => `${at.slice(0, 19)}Z`,
    (at: string) => `${at.slice(0, 19)}+10:00`,
    (at: string) => `${at.slice(0, 19)}-03:30`,
  )
  return fc.tuple(moment, form).map(([at, write]) => write(at.toISOString()))
}

function list(schema: SentSchema, of: (each: SentSchema) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  if (schema.prefixItems) return fc.tuple(...schema.prefixItems.map(of))
  const { minItems: minLength = 0, maxItems = MOST_ITEMS } = schema
  const maxLength = Math.max(minLength, Math.min(maxItems, MOST_ITEMS))
  return fc.array(of(schema.items ?? {}), { minLength, maxLength })
}

function record(schema: SentSchema, of: (each: SentSchema) => fc.Arbitrary<unknown>): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], additionalProperties, propertyNames } = schema
  const known = fc.record(
    Object.fromEntries(Object.entries(properties).map(([name, each]) => [name, of(each)])),
    { requiredKeys: required.filter((name) => name in properties) },
  )
  if (typeof additionalProperties !== 'object') return known
  const names = propertyNames ? of(propertyNames) : fc.string({ minLength: 1, maxLength: 12 })
  const more = fc.dictionary(names as fc.Arbitrary<string>, of(additionalProperties), { maxKeys: MOST_ITEMS })
  return fc.tuple(more, known).map((parts) => Object.assign({}, ...parts))
}
