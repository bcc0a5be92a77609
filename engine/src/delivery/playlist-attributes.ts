export const quoted = (text: string) => `"${text}"`

/** A tag's attribute list (RFC 8216bis, 4.2); what is null is left out. */
export function attributes(list: Record<string, string | null>): string {
  const set = Object.entries(list).filter(([, value]) => value !== null)
  return set.map(([name, value]) => `${name}=${value}`).join(',')
}

/** Free text for a quoted string, which can hold neither quotes nor line breaks. */
export const quotable = (text: string) =>
  text
    .replaceAll('"', '’')
    .replaceAll(/\p{Cc}+/gu, ' ')
    .trim()

/** The shortest RFC 5646 form (eng: en), or null for what is no language. */
export function languageTag(code: string | null): string | null {
  if (!code || code === 'und' || !/^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$/.test(code)) return null
  try {
    return Intl.getCanonicalLocales(code)[0] ?? null
  } catch {
    return null
  }
}

const languageNames = new Intl.DisplayNames('en', { type: 'language', fallback: 'none' })

/** The language's English name, or null. */
export const languageName = (tag: string | null) => (tag && languageNames.of(tag)) ?? null
