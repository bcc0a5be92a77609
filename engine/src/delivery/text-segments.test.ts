import { expect, it } from 'vitest'
import { clippedText, pieceDurations, textPiece } from '#engine/delivery/text-segments.ts'
import { writeVtt } from '#engine/media/captions/write-vtt.ts'

const cue = (start: number, end: number, text: string, settings = '') => ({ start, end, text, settings })
const VTT = writeVtt([
  cue(0, 1500, 'first'),
  cue(58_000, 62_000, 'over\ntwo', ' line:90%'),
  cue(60_000, 61_000, 'second'),
  cue(125_000, 126_000, 'last'),
])

it('is cut into pieces that hold every cue that shows in them', () => {
  expect(pieceDurations([0, 130])).toEqual([60, 60, 10])
  const said = [0, 1, 2].map((index) => textPiece(VTT, [0, 130], index)!.match(/^[a-z]+$/gm))
  expect(said).toEqual([['first', 'over', 'two'], ['over', 'two', 'second'], ['last']])
  expect(textPiece(VTT, [0, 130], 3)).toBeNull()
})

it('keeps times and settings, on the clock of the media', () => {
  expect(textPiece(VTT, [0, 130], 1)).toBe(
    `WEBVTT
X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000

00:00:58.000 --> 00:01:02.000 line:90%
over
two

00:01:00.000 --> 00:01:01.000
second

`,
  )
})

it('shows of a clip only what is said in it', () => {
  expect(pieceDurations([61, 126])).toEqual([60, 5])
  expect(textPiece(VTT, [61, 126], 0)).toContain('over')
  expect(textPiece(VTT, [61, 126], 0)).not.toContain('second')
  expect(clippedText(VTT, [61, 125.5])).toBe(
    'WEBVTT\n\n00:00:00.000 --> 00:00:01.000 line:90%\nover\ntwo\n\n00:01:04.000 --> 00:01:04.500\nlast\n\n',
  )
})
