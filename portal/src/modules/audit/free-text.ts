const SEPARATORS = /[\s,;:"'(){}[\]<>/\\]+/
const MOST_WORDS = 10
/** A shorter word is meant whole: its beginnings would be nearly everything. */
const LEAST_PREFIX = 3

/** What an event has to have among its words: this one, or one that begins like this. */
export type Word = { text: string; isBeginning: boolean }

/** What somebody typed: all of these words, each whole or as a beginning. */
export function typedWords(text: string): Word[] {
  return split(text)
    .slice(0, MOST_WORDS)
    .map((word) => ({ text: word, isBeginning: word.length >= LEAST_PREFIX }))
}

/** What every event has among its words that has this value in one of the columns that `audit_words` never cuts off. */
export function wordsOfValue(value: string): Word[] {
  return split(value).map((word) => ({ text: word, isBeginning: false }))
}

/** As `audit_words` splits an event. */
const split = (text: string) =>
  text
    .toLowerCase()
    .split(SEPARATORS)
    .filter(Boolean)
    .map((word) => word.slice(0, 128))

/** All of these words as PostgreSQL's query: of an event's own words, or of those that stand by a stretch. */
export function wordsQuery(words: readonly Word[], stretch?: number): string {
  const place = stretch === undefined ? '' : `${stretch.toString(16)}:`
  // No quote and no backslash is left in a word: within quotes everything else stands for itself.
  return words.map(({ text, isBeginning }) => `'${place}${text}'${isBeginning ? ':*' : ''}`).join(' & ')
}
