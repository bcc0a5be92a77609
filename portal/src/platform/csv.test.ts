import { expect, it } from 'vitest'
import { csvLine } from './csv.ts'

it.each([
  ...['=1+1', '+1', '-1', '@SUM(1)', '\t=1', '\r=1', '\n=1', '\0=1', ' =1+1', '\u200b=1+1', '\ufeff=1+1'],
  ...['＝1+1', '＋1', '－1', '＠SUM(1)', '=HYPERLINK("http://x","y"),z'],
])('[ASVS-1.2.10] keeps %j text in a spreadsheet', (cell) => {
  expect(csvLine([cell]).replace(/^"/, '')).toMatch(/^'/)
})

it('leaves other text as it is, quoted where it must be', () => {
  expect(csvLine(['Ann', '1 = 1', 'a,b', 'say "x"', 'two\nlines', ''])).toBe(
    'Ann,1 = 1,"a,b","say ""x""","two\nlines",\r\n',
  )
})
