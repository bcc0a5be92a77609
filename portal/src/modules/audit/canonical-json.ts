import type { Json } from '../../platform/audit-sink.ts'

/**
 * RFC 8785: members sorted by UTF-16 code units, no white space, numbers and strings as ECMAScript writes them.
 * @throws TypeError for what JSON cannot hold exactly: undefined, NaN, infinities, lone surrogates
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`
  if (typeof value === 'object' && value !== null) {
    const members = Object.keys(value)
      .sort()
      .map((name) => `${canonicalJson(name)}:${canonicalJson(value[name]!)}`)
    return `{${members.join(',')}}`
  }
  if (typeof value === 'string' && !value.isWellFormed())
    throw new TypeError('a lone surrogate has no UTF-8 form')
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`JSON has no ${value}`)
  const text = JSON.stringify(value)
  if (text === undefined) throw new TypeError(`JSON has no ${typeof value}`)
  return text
}
