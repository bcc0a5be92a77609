import type { IFrame, RenditionResult } from '#engine/media/ingest-context.ts'

/** A row of engine.renditions as the database driver gives it. */
export type RenditionRow = {
  name: string
  kind: RenditionResult['kind']
  width: number | null
  height: number | null
  frame_rate: number | null
  codecs: string
  bandwidth: number
  average_bandwidth: number
  channels: number | null
  language: string | null
  init_bytes: number
  /** Seconds and bytes of each segment. */
  segments: [number, number][]
  iframes: IFrame[] | null
  status: 'growing' | 'ready'
  folder: string
}

/** The rendition that a row describes. */
export function renditionOf(row: RenditionRow): RenditionResult {
  return {
    name: row.name,
    kind: row.kind,
    width: row.width,
    height: row.height,
    frameRate: row.frame_rate,
    codecs: row.codecs,
    bandwidth: row.bandwidth,
    averageBandwidth: row.average_bandwidth,
    channels: row.channels,
    language: row.language,
    initBytes: row.init_bytes,
    segments: row.segments.map(([duration, bytes]) => ({ duration, bytes })),
    iframes: row.iframes ?? [],
    growing: row.status === 'growing',
    folder: row.folder,
  }
}
