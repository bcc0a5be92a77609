/** A small grey picture, a byte a pixel, row by row. */
export type GreyPicture = { pixels: Uint8Array; width: number; height: number }

/** How much less a window counts at the very edge than in the middle: people put what matters near the middle. */
const EDGE_LOSS = 0.15

/**
 * Where to cut a picture to another shape so that most of its detail stays: 0 (left or top) to 1 (right or bottom),
 * along the side that is cut. Detail is the sum of differences between neighbouring pixels; no faces are looked for.
 */
export function detailedCrop(picture: GreyPicture, aspectRatio: number): { x: number; y: number } {
  const { width, height } = picture
  const cutsWidth = aspectRatio < width / height
  const detail = detailAlong(picture, cutsWidth)
  const kept = Math.max(
    1,
    Math.round(cutsWidth ? Math.min(width, height * aspectRatio) : Math.min(height, width / aspectRatio)),
  )
  const last = detail.length - kept
  let best = { at: last / 2, value: 0 }
  for (let at = 0; at <= last; at += 1) {
    const sum = detail.slice(at, at + kept).reduce((all, value) => all + value, 0)
    const fromMiddle = last === 0 ? 0 : Math.abs(at - last / 2) / (last / 2)
    const value = sum * (1 - EDGE_LOSS * fromMiddle)
    if (value > best.value) best = { at, value }
  }
  const place = last === 0 ? 0.5 : best.at / last
  return cutsWidth ? { x: place, y: 0.5 } : { x: 0.5, y: place }
}

/** Detail of each column, or of each row. */
function detailAlong({ pixels, width, height }: GreyPicture, columns: boolean): number[] {
  const detail = new Array<number>(columns ? width : height).fill(0)
  for (let y = 0; y + 1 < height; y += 1) {
    for (let x = 0; x + 1 < width; x += 1) {
      const at = y * width + x
      const here = pixels[at]!
      const change = Math.abs(here - pixels[at + 1]!) + Math.abs(here - pixels[at + width]!)
      detail[columns ? x : y]! += change
    }
  }
  return detail
}
