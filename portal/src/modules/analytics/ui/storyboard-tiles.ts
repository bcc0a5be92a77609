/** One picture of a storyboard: where it stands in its sheet, in pixels, and from when it is seen. */
export type Tile = { at: number; sheet: string; x: number; y: number; width: number; height: number }

/** Reads the cues of a storyboard (WebVTT with `image#xywh=x,y,width,height`). */
export function tilesIn(vtt: string): Tile[] {
  const cues = vtt.matchAll(/((?:\d+:)?\d+:\d+[.]\d+)\s*-->[^\n]*\n(\S+)#xywh=(\d+),(\d+),(\d+),(\d+)/g)
  return [...cues].map(([, at = '', sheet = '', x, y, width, height]) => ({
    at: at.split(':').reduce((sum, part) => sum * 60 + Number(part), 0),
    sheet,
    x: Number(x),
    y: Number(y),
    width: Number(width),
    height: Number(height),
  }))
}

/** `count` tiles spread evenly over the video. */
export function spreadTiles(tiles: Tile[], durationSeconds: number, count: number): Tile[] {
  if (tiles.length === 0) return []
  return Array.from({ length: count }, (_, index) => {
    const middle = ((index + 0.5) * durationSeconds) / count
    return tiles.findLast((tile) => tile.at <= middle) ?? tiles[0]
  }).filter((tile) => tile !== undefined)
}
