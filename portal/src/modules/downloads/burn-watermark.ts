import { spawn } from 'node:child_process'
import { copyFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { createInterface } from 'node:readline'

/** Of the product's own dependencies; ffmpeg's freetype reads it as it is, so that no system font is needed. */
const FONT = '@fontsource-variable/geist-mono/files/geist-mono-latin-wght-normal.woff2'

// Every seven seconds somewhere else, so that no crop takes it all away; text and font lie in the working folder,
// where nothing in their names could mean something to the filter.
const DRAWN = [
  'drawtext=fontfile=font.woff2:textfile=mark.txt:expansion=none',
  'fontsize=h/26:fontcolor=white@0.55:borderw=2:bordercolor=black@0.45',
  "x='(w-tw)*abs(sin(floor(t/7)*1.7+0.5))':y='(h-th)*abs(sin(floor(t/7)*2.9+1))'",
].join(':')

/**
 * What the engine's own runs of ffmpeg are held by: pictures come as somebody's encoder made them. Only as much memory as
 * the largest picture takes, few files, no core, and nothing of the environment, which holds secrets.
 */
const FENCED = ['ulimit -c 0', 'ulimit -n 256', 'ulimit -d 4194304', 'exec nice -n 10 "$0" "$@"'].join('\n')
const ENVIRONMENT = { LC_ALL: 'C' } as unknown as NodeJS.ProcessEnv

export type Burn = {
  ffmpegPath: string
  /** Files within it: `source.mp4` is read, `copy.mp4` is written. */
  folder: string
  text: string
  durationSeconds: number
  signal: AbortSignal
  /** 0 to 1, as often as ffmpeg tells. */
  onProgress: (share: number) => void
}

/**
 * Draws a text into every picture of a video, at a low priority, the sound as it is.
 * @throws Error with ffmpeg's last words, or the signal's reason
 */
export async function burnWatermark(burn: Burn): Promise<void> {
  const { folder, signal } = burn
  await copyFile(createRequire(import.meta.url).resolve(FONT), join(folder, 'font.woff2'))
  await writeFile(join(folder, 'mark.txt'), burn.text)
  const child = spawn('/bin/sh', ['-c', FENCED, burn.ffmpegPath, ...argumentsFor()], {
    cwd: folder,
    env: ENVIRONMENT,
    signal,
    killSignal: 'SIGKILL',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let words = ''
  child.stderr.on('data', (chunk) => {
    words = `${words}${chunk}`.slice(-500)
  })
  createInterface({ input: child.stdout }).on('line', (line) => {
    const at = /^out_time_us=(\d+)$/.exec(line)?.[1]
    if (at) burn.onProgress(Math.min(1, Number(at) / 1e6 / Math.max(burn.durationSeconds, 0.1)))
  })
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', resolve)
  })
  if (code !== 0) throw new Error(`ffmpeg ended with ${code}: ${words.trim()}`)
}

function argumentsFor(): string[] {
  return [
    ...['-nostdin', '-hide_banner', '-loglevel', 'error', '-progress', 'pipe:1'],
    ...['-protocol_whitelist', 'file,pipe', '-i', 'source.mp4', '-map', '0:v:0', '-map', '0:a?'],
    ...['-vf', DRAWN, '-c:v', 'libx264', '-preset', 'veryfast', '-crf', '21', '-pix_fmt', 'yuv420p'],
    ...['-c:a', 'copy', '-threads', '2', '-map_metadata', '-1', '-movflags', '+faststart', '-y', 'copy.mp4'],
  ]
}
