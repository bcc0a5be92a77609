import { createReadStream, createWriteStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { fileURLToPath } from 'node:url'
import { constants, createBrotliCompress, createGzip } from 'node:zlib'
import { defineConfig, type Plugin } from 'vite'

const portal = fileURLToPath(new URL('.', import.meta.url))
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
        },
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
