import { expect, test } from 'vitest'
import { otherKindOf } from './inspect-file.ts'

test.each([
  ['%PDF-1.7 ...', 'a PDF document'],
  ['PK\u0003\u0004rest', 'a ZIP archive or an Office document'],
  ['GIF89a........', 'a GIF picture'],
  ['RIFF....WEBPVP8 ', 'a WebP picture'],
  ['RIFF....AVI LIST', null],
  ['....ftypisom....', null],
  ['....ftypheic....', 'a HEIC picture'],
  ['ID3.............', null],
  ['', null],
])('[MUX-07] what begins with %j is %s', async (head, kind) => {
  expect(await otherKindOf(new Blob([head]))).toBe(kind)
})
