import { expect, it } from 'vitest'
import { spreadTiles, tilesIn } from './storyboard-tiles.ts'

const VTT = `WEBVTT

00:00:00.000 --> 00:00:05.000
blob:one#xywh=0,0,284,160

00:00:05.000 --> 00:00:10.000
blob:one#xywh=284,0,284,160

01:00:00.500 --> 01:00:05.000
blob:two#xywh=0,160,284,160
`

it('reads the cues of a storyboard', () => {
  expect(tilesIn(VTT)).toEqual([
    { at: 0, sheet: 'blob:one', x: 0, y: 0, width: 284, height: 160 },
    { at: 5, sheet: 'blob:one', x: 284, y: 0, width: 284, height: 160 },
    { at: 3600.5, sheet: 'blob:two', x: 0, y: 160, width: 284, height: 160 },
  ])
  expect(tilesIn('WEBVTT\n')).toEqual([])
})

it('spreads tiles over the video, the one that is seen in the middle of each place', () => {
  expect(spreadTiles(tilesIn(VTT), 10, 4).map(({ at }) => at)).toEqual([0, 0, 5, 5])
  expect(spreadTiles([], 10, 4)).toEqual([])
})
