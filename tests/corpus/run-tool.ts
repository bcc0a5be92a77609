import { spawn } from 'node:child_process'
import { buffer } from 'node:stream/consumers'

export const FFMPEG = process.env.FFMPEG_PATH ?? 'ffmpeg'
const FFPROBE = process.env.FFPROBE_PATH ?? 'ffprobe'
/** Only for what the engine took: it opens no address and no playlist either. */
export const LOCAL = ['-protocol_whitelist', 'file,pipe']

/** A source whose zero is the beginning of all its tracks, whichever of them are used (see engine/src/media). */
export const SOURCE = [...LOCAL, '-itsoffset', '0.000001']

/** Runs a tool and gives what it wrote. A status other than 0 throws unless `lenient`. */
export async function runTool(command: string, args: string[], lenient = false) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('close', resolve)
  })
  const [stdout, stderr, status] = await Promise.all([buffer(child.stdout), buffer(child.stderr), ended])
  if (status !== 0 && !lenient) {
    throw new Error(`${command} ended with ${status}: ${stderr.toString().slice(-500)}`)
  }
  return { stdout, stderr: stderr.toString() }
}

/** What ffprobe says as JSON. */
export async function probeJson(path: string, args: string[]): Promise<unknown> {
  const { stdout } = await runTool(FFPROBE, ['-v', 'error', ...LOCAL, '-of', 'json', ...args, path])
  return JSON.parse(stdout.toString())
}
