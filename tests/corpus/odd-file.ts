/** A file that the corpus command makes, and how an engine has to end with it. */
export type OddFile = {
  name: string
  expect: 'ready' | 'errored'
  /** ffmpeg's arguments without the file's name; `folder` is where files made before lie. */
  args?: (folder: string) => string[]
  /** Made of another file's bytes instead, or of none. */
  from?: string
  bytes?: (other: Buffer) => Buffer
}

/** Seconds of a file whose length does not matter. */
const SECONDS = 5

/** A file that has to play; arguments are split at spaces, FOLDER is where files made before lie. */
export const plays = (name: string, ...args: string[]): OddFile => ({
  name,
  expect: 'ready',
  args: (folder) => args.join(' ').replaceAll('FOLDER', folder).split(' '),
})
/** A file of bytes, made of another one. */
export const made = (
  expect: OddFile['expect'],
  name: string,
  bytes: (other: Buffer) => Buffer,
  from?: string,
): OddFile => ({ name, expect, bytes, from })

/** Input of moving pictures; `filters` follow them, each with a comma before. */
export const moving = (size = '640x360', rate: number | string = 25, seconds = SECONDS, filters = '') =>
  `-f lavfi -i testsrc2=size=${size}:rate=${rate}:duration=${seconds}${filters}`

/** Input of sound that never repeats, so that any shift of it can be found by correlation. */
export function sweep(seconds = SECONDS, rate = 48000, channels = 2): string {
  const wave = `0.3*sin(2*PI*(200*t+60*t*t))+0.2*(random(0)-0.5)*gt(sin(2*PI*1.3*t)\\,0.2)`
  const each = Array.from({ length: channels }, () => wave).join('|')
  return `-f lavfi -i aevalsrc='${each}':s=${rate}:d=${seconds}`
}

/** Both, of the usual kind. */
export const both = (seconds = SECONDS) => `${moving('640x360', 25, seconds)} ${sweep(seconds)}`
/** Every wrapping of what was made before copies its packets. */
export const copied = (from: string) => `-i FOLDER/${from} -c copy`

export const x264 = (pixels = 'yuv420p') => `-c:v libx264 -preset ultrafast -g 50 -bf 2 -pix_fmt ${pixels}`
export const x265 = (parameters = '') =>
  `-c:v libx265 -preset ultrafast -tag:v hvc1 -x265-params log-level=error${parameters}`
export const aac = '-c:a aac -b:a 96k'
export const vp9 = '-c:v libvpx-vp9 -cpu-used 8 -deadline realtime'
