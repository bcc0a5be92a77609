import { createReadStream, createWriteStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { constants, createBrotliCompress, createGzip } from 'node:zlib'
import hls from 'hls.js/package.json' with { type: 'json' }
import { defineConfig, type Plugin } from 'vite'

const portal = fileURLToPath(new URL('.', import.meta.url))
/** What hls.js is built of here: no DRM, no advertising, no reports to anybody. Names: its own build. */
const HLS_PARTS = Object.fromEntries(
  Object.entries({
    ALT_AUDIO: true,
    SUBTITLES: true,
    CONTENT_STEERING: true,
    MEDIA_CAPABILITIES: true,
    CMCD: false,
    EME_DRM: false,
    IFRAMES: false,
    INTERSTITIALS: false,
    M2TS_ADVANCED_CODECS: false,
    VARIABLE_SUBSTITUTION: false,
  }).map(([part, used]) => [`__USE_${part}__`, String(used)]),
)
HLS_PARTS.__VERSION__ = JSON.stringify(hls.version)
HLS_PARTS.__IN_WORKER__ = 'false'
HLS_PARTS.__HLS_WORKER_BUNDLE__ = 'undefined'

const HLS_SOURCE = fileURLToPath(new URL('../node_modules/hls.js/src/exports-named.ts', import.meta.url))

const outDir = join(portal, '.viewer')

/**
 * Builds the viewer's page apart from the rest: the same components on a runtime of a few kilobytes, because a guest
 * on a phone waits for every one of them. A second build, `--ssr`, makes what the page shows before its script runs.
 */
export default defineConfig(({ isSsrBuild }) => ({
  root: portal,
  base: '/_viewer/',
  publicDir: false,
  logLevel: 'warn',
  resolve: isSsrBuild
    ? {}
    : {
        alias: {
          'react/jsx-runtime': 'preact/jsx-runtime',
          'react-dom/client': 'preact/compat/client',
          'react-dom': 'preact/compat',
          react: 'preact/compat',
          'hls.js/dist/hls.mjs': HLS_SOURCE,
        },
      },
  define: HLS_PARTS,
  // hls.js is written for fields that exist once they are assigned.
  oxc: {
    assumptions: { setPublicClassFields: true },
    typescript: { removeClassFieldsWithoutInitializer: true },
  },
  plugins: isSsrBuild ? [] : [compressed()],
  build: {
    outDir: isSsrBuild ? join(outDir, 'server') : outDir,
    manifest: isSsrBuild ? false : 'manifest.json',
    assetsInlineLimit: 0,
    modulePreload: false,
    target: 'es2022',
    chunkSizeWarningLimit: 1000,
    rolldownOptions: {
      input: isSsrBuild ? 'src/viewer/first-paint.tsx' : 'src/viewer/main.tsx',
      // "use client" is Next's.
      checks: { moduleLevelDirective: false },
    },
  },
}))

/** Compresses scripts and styles once, here, instead of at each request. */
function compressed(): Plugin {
  return {
    name: 'compressed',
    async closeBundle() {
      const folder = join(outDir, 'assets')
      for (const name of await readdir(folder)) {
        if (!/\.(js|css)$/.test(name)) continue
        const file = join(folder, name)
        const params = { [constants.BROTLI_PARAM_QUALITY]: 11 }
        await pipeline(
          createReadStream(file),
          createBrotliCompress({ params }),
          createWriteStream(`${file}.br`),
        )
        await pipeline(createReadStream(file), createGzip({ level: 9 }), createWriteStream(`${file}.gz`))
      }
    },
  }
}
