// What spreadsheets begin a formula with, in full width too, and what they skip before it (OWASP, CSV injection).
const FORMULA = /^[\s\0\p{Cf}]*[=+\-@＝＋－＠]|^[\t\r\n\0]/u

/** Text that a spreadsheet would take for a formula, kept text by a quote mark. */
export const asText = (cell: string) => (FORMULA.test(cell) ? `'${cell}` : cell)

/** One line of CSV (RFC 4180); no cell of it is a formula. */
export function csvLine(cells: string[]): string {
  const safe = cells
    .map(asText)
    .map((text) => (/[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text))
  return `${safe.join(',')}\r\n`
}
