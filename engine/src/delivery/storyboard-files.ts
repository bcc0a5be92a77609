import type { StoryboardLayout } from '#engine/media/images.ts'

type Tile = { start: number; end: number; x: number; y: number }

function tilesOf(board: StoryboardLayout): Tile[] {
  return Array.from({ length: board.count }, (_, index) => ({
    start: index * board.intervalSeconds,
    end: Math.min((index + 1) * board.intervalSeconds, board.durationSeconds),
    x: (index % board.columns) * board.tileWidth,
    y: Math.floor(index / board.columns) * board.tileHeight,
  }))
}

/** WebVTT cues whose text is the image with the tile's place (media fragments, `#xywh=`). */
export function storyboardVtt(board: StoryboardLayout, url: string): string {
  const cues = tilesOf(board).map(({ start, end, x, y }) => {
    const place = [x, y, board.tileWidth, board.tileHeight].join(',')
    return `${stamp(start)} --> ${stamp(end)}\n${url}#xywh=${place}\n`
  })
  return `WEBVTT\n\n${cues.join('\n')}`
}

export function storyboardJson(board: StoryboardLayout, url: string): string {
  return JSON.stringify({
    url,
    tile_width: board.tileWidth,
    tile_height: board.tileHeight,
    duration: board.durationSeconds,
    tiles: tilesOf(board).map(({ start, x, y }) => ({ start: Math.round(start * 1000) / 1000, x, y })),
  })
}

function stamp(seconds: number): string {
  const ms = Math.round(seconds * 1000)
  const two = (value: number) => String(value).padStart(2, '0')
  const clock = [Math.floor(ms / 3_600_000), Math.floor(ms / 60_000) % 60, Math.floor(ms / 1000) % 60].map(
    two,
  )
  return `${clock.join(':')}.${String(ms % 1000).padStart(3, '0')}`
}
