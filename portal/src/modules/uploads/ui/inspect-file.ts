/** Longest wait for a browser to read a file's length; most need a few milliseconds. */
const PATIENCE_MS = 3000

type Kind = { name: string; at: number; bytes: number[] }

const letters = (text: string) => [...text].map((letter) => letter.charCodeAt(0))

/** What people choose by mistake, by the bytes that it begins with. What begins with none of them the server judges. */
const NO_VIDEOS: Kind[] = [
  { name: 'a PDF document', at: 0, bytes: letters('%PDF-') },
  { name: 'a ZIP archive or an Office document', at: 0, bytes: [0x50, 0x4b, 0x03, 0x04] },
  { name: 'a RAR archive', at: 0, bytes: letters('Rar!') },
  { name: 'a 7z archive', at: 0, bytes: [0x37, 0x7a, 0xbc, 0xaf] },
  { name: 'a JPEG picture', at: 0, bytes: [0xff, 0xd8, 0xff] },
  { name: 'a PNG picture', at: 0, bytes: [0x89, 0x50, 0x4e, 0x47] },
  { name: 'a GIF picture', at: 0, bytes: letters('GIF8') },
  { name: 'a WebP picture', at: 8, bytes: letters('WEBP') },
  { name: 'a HEIC picture', at: 4, bytes: letters('ftypheic') },
  { name: 'a program', at: 0, bytes: [0x7f, 0x45, 0x4c, 0x46] },
]

/** What else a file is that was chosen as a video, in words; null where it may be one. */
export async function otherKindOf(file: Blob): Promise<string | null> {
  const head = new Uint8Array(await file.slice(0, 16).arrayBuffer())
  const kind = NO_VIDEOS.find(({ at, bytes }) => bytes.every((byte, i) => head[at + i] === byte))
  return kind?.name ?? null
}

/** Length in seconds as this browser reads it; undefined where it can't, or not soon. */
export function lengthOf(file: Blob): Promise<number | undefined> {
  const url = URL.createObjectURL(file)
  const video = document.createElement('video')
  return new Promise<number | undefined>((resolve) => {
    const timer = setTimeout(() => resolve(undefined), PATIENCE_MS)
    video.onloadedmetadata = () => {
      clearTimeout(timer)
      resolve(Number.isFinite(video.duration) && video.duration > 0 ? video.duration : undefined)
    }
    video.onerror = () => {
      clearTimeout(timer)
      resolve(undefined)
    }
    video.preload = 'metadata'
    video.muted = true
    video.src = url
  }).finally(() => {
    video.removeAttribute('src')
    URL.revokeObjectURL(url)
  })
}
