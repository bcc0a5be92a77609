import { made, moving, type OddFile, plays } from './odd-file.ts'

const text = (words: string) => () => Buffer.from(words)
const cutAt = (part: number) => (file: Buffer) => file.subarray(0, Math.floor(file.length * part))
/** A playlist in disguise that leads elsewhere. */
const playlist = (address: string) =>
  text(`#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\n${address}\n#EXT-X-ENDLIST\n`)
const fails = (file: OddFile): OddFile => ({ ...file, expect: 'errored' })
const still = moving('320x180', 25, 0.04)

/** Overwrites a stretch with bytes that look random and are the same each time. */
const spoilt = (from: number, to: number) => (file: Buffer) => {
  const copy = Buffer.from(file)
  let seed = 12_345
  for (let at = Math.floor(file.length * from); at < file.length * to; at += 1) {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
    copy[at] = seed >> 16
  }
  return copy
}

/** A picture of 65,535 × 65,535, by its header. */
function giant(file: Buffer): Buffer {
  const copy = Buffer.from(file)
  copy.writeUInt32LE(0xffffffff, 6)
  return copy
}

/** As a recording that began in the middle, at a packet or between two. */
const cutStart =
  (part: number, stray = 0) =>
  (file: Buffer) =>
    file.subarray(Math.floor((file.length * part) / 188) * 188 + stray)

/** What is damaged, hostile, or no video at all. */
export const ODD_BREAKAGES: OddFile[] = [
  made('errored', 'empty.mp4', text('')),
  made('errored', 'text.mp4', text('This is no video.\n'.repeat(1000))),
  made('errored', 'page.html', text('<!doctype html><title>404</title><p>Not found</p>')),
  made('errored', 'playlist-file.mp4', playlist('file:///etc/passwd')),
  made('errored', 'playlist-http.m3u8', playlist('http://169.254.169.254/latest/meta-data')),
  made('errored', 'concat.mp4', text("ffconcat version 1.0\nfile '/etc/passwd'\n")),
  made(
    'errored',
    'dash.mpd',
    text('<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period/></MPD>'),
  ),
  made('errored', 'zeros.mp4', () => Buffer.alloc(1_000_000)),
  made('errored', 'random.mp4', spoilt(0, 1), 'plain.mp4'),
  made('errored', 'head-only.mp4', (file) => file.subarray(0, 40), 'plain.mp4'),
  made('errored', 'truncated.mp4', cutAt(0.6), 'plain.mp4'),
  made('errored', 'truncated-fast-start.mp4', cutAt(0.6), 'fast-start.mp4'),
  made('errored', 'giant.gif', giant, 'gif.gif'),
  fails(plays('still.jpg', still, '-frames:v 1')),
  fails(plays('still.png', still, '-frames:v 1')),
  fails(plays('only-subtitles.mkv', '-i FOLDER/words.srt -c:s srt')),
  made('ready', 'corrupt-middle.ts', spoilt(0.45, 0.47), 'plain.ts'),
  made('ready', 'corrupt-middle.mpg', spoilt(0.45, 0.46), 'mpeg2.mpg'),
  made('ready', 'corrupt-middle.mp4', spoilt(0.4, 0.41), 'fast-start.mp4'),
  made('ready', 'corrupt-middle-hevc.mkv', spoilt(0.4, 0.41), 'sound-longer-hevc.mkv'),
  made('ready', 'cut-start.ts', cutStart(1 / 3), 'mpeg2-interlaced.ts'),
  made('ready', 'cut-start-h264.ts', cutStart(1 / 4, 77), 'plain.ts'),
  made('ready', 'cut-end.ts', cutAt(0.7), 'plain.ts'),
]
