import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { NextConfig } from 'next'

const portal = dirname(fileURLToPath(import.meta.url))

const config: NextConfig = {
  reactStrictMode: true,
  poweredByHeader: false,
  // Types are checked by the test run; the start-up build must be quick.
  typescript: { ignoreBuildErrors: true },
  experimental: { sri: { algorithm: 'sha384' }, globalNotFound: true },
  turbopack: {
    // Dependencies are hoisted to the repository's root.
    root: dirname(portal),
    rules: { '*.inline.js': { type: 'text' } },
  },
  outputFileTracingRoot: dirname(portal),
  devIndicators: false,
}

export default config
