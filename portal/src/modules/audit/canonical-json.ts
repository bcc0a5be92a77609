import type { Json } from '#portal/platform/audit-sink.ts'

/**
 * RFC 8785: members sorted by UTF-16 code units, no white space, numbers and strings as ECMAScript writes them.
 * @throws TypeError for what JSON cannot hold exactly: undefined, NaN, infinities, lone surrogates
 */
export function canonicalJson(value: Json): string {
  switch (typeof value) {
    case 'string':
      if (!value.isWellFormed()) throw new TypeError('a lone surrogate has no UTF-8 form')
      return JSON.stringify(value)
    case 'number':
      if (!Number.isFinite(value)) throw new TypeError(`JSON has no ${value}`)
      return JSON.stringify(value)
    case 'boolean':
      return value ? 'true' : 'false'
    case 'object':
      if (value === null) return 'null'
      return Array.isArray(value) ? `[${value.map(canonicalJson).join(',')}]` : canonicalObject(value)
    default:
      throw new TypeError(`JSON has no ${typeof value}`)
  }
}

// Built by concatenation: this runs once for every audited change.
function canonicalObject(value: { [key: string]: Json }): string {
  let text = ''
  for (const name of Object.keys(value).sort()) {
    text += `${text === '' ? '' : ','}${canonicalJson(name)}:${canonicalJson(value[name]!)}`
  }
  return `{${text}}`
}
