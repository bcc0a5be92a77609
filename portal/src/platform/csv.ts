/** One line of CSV (RFC 4180); what a spreadsheet would take for a formula is kept text by a quote mark. */
export function csvLine(cells: string[]): string {
  const safe = cells.map((cell) => {
    const text = /^[=+\-@\t\r]/.test(cell) ? `'${cell}` : cell
    return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
  })
  return `${safe.join(',')}\r\n`
}
