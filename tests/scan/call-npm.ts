import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'

/** The repository's root, with a slash at its end. */
export const ROOT = fileURLToPath(new URL('../../', import.meta.url))
const MAX_BYTES = 50_000_000
const LIMIT_MS = 600_000

/** What npm answers on standard output, also where it ends with a status: `npm audit` does so for what it found. */
export function callNpm(...args: string[]): Promise<{ stdout: string; stderr: string; failed: boolean }> {
  return new Promise((resolve) => {
    execFile('npm', args, { cwd: ROOT, maxBuffer: MAX_BYTES, timeout: LIMIT_MS }, (error, stdout, stderr) =>
      resolve({ stdout, stderr, failed: error !== null }),
    )
  })
}
