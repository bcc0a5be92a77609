import { expect, it } from 'vitest'
import { chapterAt, chaptersVtt } from './chapters-track.ts'

const chapters = [
  { at: 0, title: 'Opening' },
  { at: 65, title: 'Block & <start>' },
]

it('writes chapters as WebVTT, each until the next, the last until the end', () => {
  expect(chaptersVtt(chapters, 3700.2)).toBe(
    'WEBVTT\n\n00:00:00.000 --> 00:01:05.000\nOpening\n\n00:01:05.000 --> 01:01:41.000\nBlock &amp; &lt;start&gt;\n',
  )
})

it('knows which one plays', () => {
  expect([0, 64.9, 65, 4000].map((at) => chapterAt(chapters, at))).toEqual([0, 0, 1, 1])
  expect(chapterAt([{ at: 10, title: 'Later' }], 3)).toBe(-1)
})
