import { createHash } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

/** Where vite.config.ts puts the viewer's page. */
const BUILT = fileURLToPath(new URL('../../.viewer', import.meta.url))

/** Path of the assets, as vite.config.ts names it. */
const BASE = '/_viewer/'

const TYPES: Record<string, string> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.woff2': 'font/woff2',
}

type Asset = { type: string; bytes: Buffer; br?: Buffer; gzip?: Buffer }

export type ViewerAssets = {
  /** By path, "/_viewer/assets/main-….js"; all that there is, so that no path of a request reaches the disk. */
  files: ReadonlyMap<string, Asset>
  script: string
  styles: string[]
  /** sha384-… of every script and style, by path (W3C Subresource Integrity). */
  integrity: Record<string, string>
  /** What the page shows before its script runs. */
  firstPaint: string
  /** The same with the video's picture; POSTER stands for its address. */
  posterPaint: string
}

type Manifest = Record<string, { file: string; isEntry?: boolean; css?: string[] }>

/** When the page was built, in milliseconds. @throws Error where it has not been */
export async function viewerBuiltAt(folder = BUILT): Promise<number> {
  return (await stat(join(folder, 'manifest.json'))).mtimeMs
}

/** Reads the built page, a megabyte, into memory. @throws Error where it has not been built */
export async function readViewerAssets(folder = BUILT): Promise<ViewerAssets> {
  const manifest: Manifest = JSON.parse(await readFile(join(folder, 'manifest.json'), 'utf8'))
  const entry = Object.values(manifest).find(({ isEntry }) => isEntry)
  if (!entry) throw new Error('the viewer’s page has no entry')
  const files = new Map<string, Asset>()
  const integrity: Record<string, string> = {}
  for (const name of await readdir(join(folder, 'assets'))) {
    const type = TYPES[extname(name)]
    if (!type) continue
    const file = join(folder, 'assets', name)
    const path = `${BASE}assets/${name}`
    const bytes = await readFile(file)
    files.set(path, { type, bytes, ...(await compressedForms(file)) })
    if (type !== TYPES['.woff2'])
      integrity[path] = `sha384-${createHash('sha384').update(bytes).digest('base64')}`
  }
  const { firstPaint, posterPaint } = await import(pathToFileURL(join(folder, 'server/first-paint.js')).href)
  const styles = (entry.css ?? []).map((file) => BASE + file)
  return { files, script: BASE + entry.file, styles, integrity, firstPaint, posterPaint }
}

async function compressedForms(file: string): Promise<Pick<Asset, 'br' | 'gzip'>> {
  const [br, gzip] = await Promise.all(
    ['.br', '.gz'].map((end) => readFile(file + end).catch(() => undefined)),
  )
  return { ...(br ? { br } : {}), ...(gzip ? { gzip } : {}) }
}
