const SEPARATORS = /[\s,;:"'(){}[\]<>/\\]+/
const MOST_WORDS = 10
/** A shorter word is meant whole: its beginnings would be nearly everything. */
const LEAST_PREFIX = 3

/**
 * What somebody typed, as PostgreSQL's query for words: all of them, each whole or as a beginning. Split as
 * `audit_words` splits an event. Null where no word is left.
 */
export function wordsQuery(text: string): string | null {
  const words = text.toLowerCase().split(SEPARATORS).filter(Boolean).slice(0, MOST_WORDS)
  if (words.length === 0) return null
  // No quote and no backslash is left in a word: within quotes everything else stands for itself.
  return words.map((word) => `'${word.slice(0, 128)}'${word.length >= LEAST_PREFIX ? ':*' : ''}`).join(' & ')
}
