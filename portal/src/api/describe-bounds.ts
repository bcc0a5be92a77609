type Node = { [key: string]: unknown }

/** The largest body that the API reads or answers in one document. */
const MOST_TEXT = 1_048_576
/** The largest request line and headers together that Node takes. */
const MOST_IN_ADDRESS = 16_384
const MOST_ITEMS = 100_000
const MOST_INT32 = 2_147_483_647
/** Text is whatever a person writes, but for U+0000, which no table can hold. */
const TEXT = '^[^\\u0000]*$'
const LENGTHS: Record<string, number> = {
  'date-time': 40,
  date: 10,
  email: 320,
  uuid: 36,
  uri: MOST_IN_ADDRESS,
}

/**
 * Says of each text, number and list how large it can get, where the schema that validates does not say it: the
 * server's own bounds on a body, a request's head and a whole number hold for everything.
 */
export function bounded<T>(node: T): T {
  if (Array.isArray(node)) return node.map(bounded) as T
  if (typeof node !== 'object' || node === null) return node
  const copy: Node = Object.fromEntries(Object.entries(node).map(([key, value]) => [key, bounded(value)]))
  if (isOf(copy, 'string')) boundText(copy)
  if (isOf(copy, 'integer')) boundInteger(copy)
  if (isOf(copy, 'array')) boundList(copy)
  return copy as T
}

const isOf = ({ type }: Node, wanted: string) =>
  type === wanted || (Array.isArray(type) && type.includes(wanted))

function boundText(schema: Node): void {
  if (schema.enum || 'const' in schema) return
  schema.maxLength ??= LENGTHS[String(schema.format)] ?? MOST_TEXT
  if (!schema.format) schema.pattern ??= TEXT
}

function boundInteger(schema: Node): void {
  if (schema.exclusiveMinimum === undefined) schema.minimum ??= Number.MIN_SAFE_INTEGER
  if (schema.exclusiveMaximum === undefined) schema.maximum ??= Number.MAX_SAFE_INTEGER
  const least = Number(schema.minimum ?? schema.exclusiveMinimum)
  const most = Number(schema.maximum ?? schema.exclusiveMaximum)
  schema.format ??= least >= -MOST_INT32 && most <= MOST_INT32 ? 'int32' : 'int64'
}

function boundList(schema: Node): void {
  const { prefixItems } = schema
  schema.items ??= {}
  schema.maxItems ??= Array.isArray(prefixItems) ? prefixItems.length : MOST_ITEMS
}
