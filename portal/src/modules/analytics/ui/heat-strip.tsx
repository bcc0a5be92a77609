'use client'

import { useEffect, useId, useState } from 'react'
import { keepStoryboard } from '#portal/modules/playback/ui/storyboard.ts'
import { api } from '#portal/ui/api-client.ts'
import { clock, counted, numberInWords } from '#portal/ui/words.ts'
import type { Heat } from '../rules.ts'
import { spreadTiles, type Tile, tilesIn } from './storyboard-tiles.ts'

const WIDTH = 1000
const FILM = 56
const HEAT = 72
const GAP = 6
const PICTURES = 10
const ROWS = 20

/** The video from left to right with how many people saw each part; a table of the same behind it. */
export function HeatStrip({
  videoId,
  heat,
  durationSeconds,
  viewers,
}: {
  videoId: string
  heat: Heat[]
  durationSeconds: number
  viewers: number
}) {
  const { tiles, sizes } = useTiles(videoId, durationSeconds)
  const most = Math.max(1, ...heat.map((part) => part.viewers + part.replays))
  const table = useId()
  const width = WIDTH / Math.max(1, heat.length)
  return (
    <figure className="grid grid-cols-1 gap-2">
      <svg
        viewBox={`0 0 ${WIDTH} ${FILM + GAP + HEAT}`}
        role="img"
        aria-label={`How many of ${counted(viewers, 'viewer')} saw each part of the video`}
        aria-describedby={table}
        preserveAspectRatio="none"
        className="h-[134px] w-full rounded-control"
      >
        <rect width={WIDTH} height={FILM} className="fill-sunken" />
        {tiles.map((tile, index) => (
          <Picture
            // biome-ignore lint/suspicious/noArrayIndexKey: places on the strip
            key={index}
            tile={tile}
            size={sizes[tile.sheet]}
            x={(index * WIDTH) / PICTURES}
          />
        ))}
        {heat.map((part, index) => {
          const seen = (part.viewers / most) * HEAT
          const again = (part.replays / most) * HEAT
          const bottom = FILM + GAP + HEAT
          return (
            <g key={part.fromSeconds}>
              <rect x={index * width} y={bottom - seen} width={width} height={seen} className="fill-ink" />
              <rect
                x={index * width}
                y={bottom - seen - again}
                width={width}
                height={again}
                className="fill-line-strong"
              />
              <rect x={index * width} y={0} width={width} height={bottom} fill="transparent">
                <title>{`${clock(part.fromSeconds)}–${clock(part.toSeconds)}: ${counted(part.viewers, 'viewer')}${part.replays >= 0.1 ? `, played again ${part.replays.toFixed(1)} times` : ''}`}</title>
              </rect>
            </g>
          )
        })}
      </svg>
      <figcaption className="flex flex-wrap justify-between gap-x-4 gap-y-1 text-xs text-ink-2">
        <span className="mono">0:00</span>
        <span className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="flex items-center gap-1.5">
            <span aria-hidden className="size-2.5 rounded-[2px] bg-ink" /> people who saw it
          </span>
          <span className="flex items-center gap-1.5">
            <span aria-hidden className="size-2.5 rounded-[2px] bg-line-strong" /> played again
          </span>
        </span>
        <span className="mono">{clock(durationSeconds)}</span>
      </figcaption>
      <HeatTable id={table} heat={heat} />
    </figure>
  )
}

/** The strip as numbers, in twenty rows: open to everybody, read to whoever cannot see the strip. */
function HeatTable({ id, heat }: { id: string; heat: Heat[] }) {
  const step = Math.ceil(heat.length / ROWS)
  const rows = Array.from({ length: Math.ceil(heat.length / step) }, (_, row) =>
    heat.slice(row * step, (row + 1) * step),
  )
  return (
    <details className="text-sm">
      <summary className="w-fit cursor-pointer rounded-chip text-ink-2 hover:text-ink">
        The same as a table
      </summary>
      <table id={id} className="mt-2 w-full max-w-[560px] text-left">
        <caption className="sr-only">How many people saw each part of the video</caption>
        <thead>
          <tr className="text-xs text-ink-2">
            <th scope="col" className="py-1 font-medium">
              Part
            </th>
            <th scope="col" className="py-1 text-right font-medium">
              People, at most
            </th>
            <th scope="col" className="py-1 text-right font-medium">
              Played again
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((parts) => (
            <tr key={parts[0]?.fromSeconds} className="border-t border-line">
              <th scope="row" className="mono py-1 font-normal">
                {clock(parts[0]?.fromSeconds ?? 0)}–{clock(parts.at(-1)?.toSeconds ?? 0)}
              </th>
              <td className="mono py-1 text-right">
                {numberInWords(Math.max(...parts.map((part) => part.viewers)))}
              </td>
              <td className="mono py-1 text-right">
                {(parts.reduce((sum, part) => sum + part.replays, 0) / parts.length).toFixed(1)} ×
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </details>
  )
}

type Size = { width: number; height: number }

/** One picture out of its sheet, cut to its place on the strip. */
function Picture({ tile, size, x }: { tile: Tile; size: Size | undefined; x: number }) {
  if (!size) return null
  return (
    <svg
      x={x}
      y={0}
      width={WIDTH / PICTURES - 1}
      height={FILM}
      viewBox={`${tile.x} ${tile.y} ${tile.width} ${tile.height}`}
      preserveAspectRatio="xMidYMid slice"
      overflow="hidden"
      aria-hidden
    >
      <image href={tile.sheet} width={size.width} height={size.height} />
    </svg>
  )
}

/** The storyboard's pictures; none while there is none, and the strip does without. */
function useTiles(videoId: string, durationSeconds: number) {
  const [state, setState] = useState<{ tiles: Tile[]; sizes: Record<string, Size> }>({ tiles: [], sizes: {} })
  useEffect(() => {
    const abort = new AbortController()
    let release = () => {}
    const load = async () => {
      const path = `/api/videos/${encodeURIComponent(videoId)}/pictures`
      const { storyboardUrl } = await api<{ storyboardUrl: string }>(path, { signal: abort.signal })
      const kept = await keepStoryboard(storyboardUrl, abort.signal)
      if (!kept) return
      release = kept.release
      const tiles = spreadTiles(tilesIn(kept.text), durationSeconds, PICTURES)
      const sheets = [...new Set(tiles.map((tile) => tile.sheet))]
      const sizes = Object.fromEntries(
        await Promise.all(sheets.map(async (sheet) => [sheet, await sizeOf(sheet)] as const)),
      )
      if (!abort.signal.aborted) setState({ tiles, sizes })
    }
    load().catch(() => {})
    return () => {
      abort.abort()
      release()
    }
  }, [videoId, durationSeconds])
  return state
}

async function sizeOf(url: string): Promise<Size> {
  const image = new Image()
  image.src = url
  await image.decode()
  return { width: image.naturalWidth, height: image.naturalHeight }
}
