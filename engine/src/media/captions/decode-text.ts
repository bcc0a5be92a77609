import { isUtf8 } from 'node:buffer'

/** Encodings that subtitle files of a language were written in before UTF-8, by primary language subtag. */
const LEGACY: Record<string, string> = {
  ...groups('windows-1250', 'bs cs hr hu pl ro sk sl sq'),
  ...groups('windows-1251', 'be bg kk ky mk mn ru sr tg uk'),
  ...groups('windows-1257', 'et lt lv'),
  el: 'windows-1253',
  tr: 'windows-1254',
  he: 'windows-1255',
  ...groups('windows-1256', 'ar fa ur'),
  vi: 'windows-1258',
  th: 'windows-874',
  ja: 'shift_jis',
  ko: 'euc-kr',
  zh: 'gb18030',
}
const TRADITIONAL = /^zh-(.*-)?(tw|hk|mo|hant)\b/i

function groups(encoding: string, languages: string): Record<string, string> {
  return Object.fromEntries(languages.split(' ').map((language) => [language, encoding]))
}

/**
 * Text of a subtitle file: by its byte order mark, else UTF-8 if it is that (a few damaged bytes aside), else UTF-16 by
 * its zero bytes, else what the language was usually written in, windows-1252 by default. Line ends become '\n'.
 */
export function decodeText(bytes: Buffer, languageCode: string | null): string {
  // TextDecoder drops the mark itself.
  const text = new TextDecoder(encodingOf(bytes, languageCode)).decode(bytes)
  return text.replaceAll('\0', '�').replace(/\r\n?/g, '\n')
}

function encodingOf(bytes: Buffer, languageCode: string | null): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return 'utf-16le'
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be'
  const wide = wideEncoding(bytes.subarray(0, 4096))
  if (wide) return wide
  return nearlyUtf8(bytes) ? 'utf-8' : legacyEncoding(languageCode ?? '')
}

// Digits, colons and line ends are in every subtitle file: in UTF-16 one of their two bytes is zero.
function wideEncoding(head: Buffer): string | null {
  let [even, odd] = [0, 0]
  head.forEach((byte, index) => {
    if (byte === 0 && index % 2 === 0) even += 1
    else if (byte === 0) odd += 1
  })
  const enough = head.length / 10
  if (odd > enough && even < odd / 4) return 'utf-16le'
  return even > enough && odd < even / 4 ? 'utf-16be' : null
}

/** Valid, or with a few damaged bytes among many right ones. */
function nearlyUtf8(bytes: Buffer): boolean {
  if (isUtf8(bytes)) return true
  let [wrong, right] = [0, 0]
  for (const character of new TextDecoder('utf-8').decode(bytes)) {
    if (character === '�') wrong += 1
    else if (character > '\x7f') right += 1
  }
  return wrong * 10 <= right
}

function legacyEncoding(languageCode: string): string {
  if (TRADITIONAL.test(languageCode)) return 'big5'
  return LEGACY[languageCode.split('-')[0]!.toLowerCase()] ?? 'windows-1252'
}
