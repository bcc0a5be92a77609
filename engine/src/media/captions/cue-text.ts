export type CaptionFormat = 'srt' | 'vtt'

const LONGEST_TEXT = 4000
const DEEPEST = 8
const TOKEN = /<[^<>]{0,300}>|[^<]+|</g
const TAG = /^<(\/?)([A-Za-z]+)((?:\.[^\s.<>]{1,60})*)(?:\s([^<>]*))?\s?\/?>$/
const STAMP = /^<(?:\d{2,4}:)?\d{2}:\d{2}\.\d{3}>$/
// Formatting that SubRip files borrow from HTML: what has a counterpart, and what is dropped.
const SAME: Record<string, string> = { em: 'i', strong: 'b' }
const DROPPED = new Set(['font', 's', 'strike', 'span', 'p', 'div', 'small', 'big', 'center', 'a'])
const PLAIN = new Set(['b', 'i', 'u', 'ruby', 'rt', 'c'])
const ANNOTATED = new Set(['v', 'lang'])
const ENTITIES: Record<string, string> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: '\u00a0',
  lrm: '\u200e',
  rlm: '\u200f',
}
// biome-ignore lint/suspicious/noControlCharactersInRegex: these have no place in a text
const CONTROLS = /[\0-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\ufeff]/g

/**
 * A cue's text as WebVTT cue text: only WebVTT's own tags, each closed, everything else escaped; '' if nothing is left.
 * In WebVTT an unknown tag is ignored, in SubRip it is text such as <laughs>. Linear in its length, which is cut.
 */
export function cueText(given: string, format: CaptionFormat): string {
  const open: string[] = []
  let out = ''
  for (const [token] of given.slice(0, LONGEST_TEXT).matchAll(TOKEN)) {
    out += token.startsWith('<') && token.length > 1 ? tagText(token, format, open) : escapeText(token)
  }
  return withoutBlankLines(out + closers(open, 0))
}

/** A blank line would end the cue: its tags go to the line before, or to the first one with words. */
function withoutBlankLines(text: string): string {
  const kept: string[] = []
  let waiting = ''
  for (const line of text.split('\n')) {
    if (plainText(line).trim() !== '') {
      kept.push(waiting + line.trim())
      waiting = ''
    } else if (kept.length > 0) kept.push(kept.pop()! + line.trim())
    else waiting += line.trim()
  }
  return kept.join('\n')
}

function tagText(token: string, format: CaptionFormat, open: string[]): string {
  if (format === 'vtt' && STAMP.test(token)) return token
  const match = TAG.exec(token)
  const given = match?.[2]?.toLowerCase() ?? ''
  const name = SAME[given] ?? given
  if (format === 'srt' && name === 'br') return '\n'
  if (match && (PLAIN.has(name) || (ANNOTATED.has(name) && format === 'vtt'))) {
    if (match[1] === '/') return close(name, open)
    if (open.length >= DEEPEST || (name === 'rt' && !open.includes('ruby'))) return ''
    open.push(name)
    const note = ANNOTATED.has(name) && match[4] ? ` ${escapeText(match[4].trim())}` : ''
    const classes = format === 'vtt' ? match[3]!.replace(/[^A-Za-z0-9_.-]/g, '') : ''
    return `<${name}${classes}${note}>`
  }
  return format === 'vtt' || DROPPED.has(name) ? '' : escapeText(token)
}

function close(name: string, open: string[]): string {
  const at = open.lastIndexOf(name)
  return at < 0 ? '' : closers(open, at)
}

function closers(open: string[], from: number): string {
  return open
    .splice(from)
    .reverse()
    .map((name) => `</${name}>`)
    .join('')
}

function escapeText(text: string): string {
  return decodeEntities(text)
    .replace(CONTROLS, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
}

function decodeEntities(text: string): string {
  return text.replace(
    /&(?:(amp|lt|gt|quot|apos|nbsp|lrm|rlm)|#(\d{1,7})|#[xX]([0-9A-Fa-f]{1,6}));/g,
    (all, name, ten, hex) => {
      if (name) return ENTITIES[name]!
      const point = ten ? Number(ten) : Number.parseInt(hex, 16)
      const real = point >= 0x20 && point <= 0x10ffff && !(point >= 0xd800 && point <= 0xdfff)
      return real ? String.fromCodePoint(point) : all
    },
  )
}

/** What a person reads of a cue's text: no tags, no entities. */
export function plainText(text: string): string {
  return decodeEntities(text.replace(/<[^<>]*>/g, ''))
}
