import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Check } from './doctor-checks.ts'

const DEADLINE_MS = 10_000
const OLDEST_FFMPEG = 5
/** What the ladder is encoded with. */
const ENCODERS = ['libx264', 'aac']

/** Runs ffmpeg or ffprobe and judges its version and, for ffmpeg, its encoders. */
export async function checkProgram(name: 'ffmpeg' | 'ffprobe', path: string): Promise<Check> {
  const call = (args: string[]) =>
    promisify(execFile)(path, args, { timeout: DEADLINE_MS, maxBuffer: 8 * 1024 ** 2 })
  const setting = name === 'ffmpeg' ? 'FFMPEG_PATH' : 'FFPROBE_PATH'
  try {
    const version = (await call(['-version'])).stdout
    const encoders = name === 'ffmpeg' ? (await call(['-hide_banner', '-encoders'])).stdout : null
    return programCheck(name, version, encoders)
  } catch {
    const message = `${path} does not run: install ffmpeg (Debian: apt-get install ffmpeg), or set ${setting}.`
    return { name, status: 'fail', message }
  }
}

/** Judges the output of `-version` and `-encoders`. A build from a snapshot has no number and is trusted. */
export function programCheck(name: string, versionText: string, encoders: string | null): Check {
  const version = /version (\S+)/.exec(versionText)?.[1] ?? 'unknown'
  const major = Number(/^n?(\d+)\./.exec(version)?.[1] ?? OLDEST_FFMPEG)
  const lacking =
    encoders === null ? [] : ENCODERS.filter((encoder) => !new RegExp(` ${encoder} `).test(encoders))
  if (lacking.length) {
    const message = `${version} lacks ${lacking.join(' and ')}: install a full build of ffmpeg.`
    return { name, status: 'fail', message }
  }
  if (major < OLDEST_FFMPEG) {
    return { name, status: 'warn', message: `${version} is old: use ${OLDEST_FFMPEG} or newer.` }
  }
  return { name, status: 'ok', message: `${version}.` }
}
