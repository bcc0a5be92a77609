import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import pg from 'pg'
import { openPostgres } from '../../portal/src/platform/embedded-postgres.ts'
import type { Stack } from './stack.ts'

const CLI = fileURLToPath(new URL('../../portal/src/cli/main.ts', import.meta.url))
const quiet = { info() {}, warn() {}, error() {} }

/** Runs `work` on the database of a running stack, beside it, as a command would join it. */
export async function onDatabase<T>(stack: Stack, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const postgres = await openPostgres({ dataDir: stack.dataDir, exclusive: false, log: quiet })
  const client = new pg.Client(postgres.pool)
  try {
    await client.connect()
    return await work(client)
  } finally {
    await client.end()
    await postgres.release()
  }
}

export type CommandResult = { status: number; stdout: string; stderr: string }

/** `npm run portal -- …args` in a child process, on the installation of a stack. */
export async function runCommand(
  stack: Pick<Stack, 'dataDir' | 'port'>,
  args: string[],
): Promise<CommandResult> {
  const { PATH, HOME } = process.env
  const env: NodeJS.ProcessEnv = {
    PATH,
    HOME,
    NODE_ENV: 'production',
    DATA_DIR: stack.dataDir,
    PORT: String(stack.port),
  }
  return await new Promise((resolve) => {
    execFile(
      process.execPath,
      [CLI, ...args],
      { env, maxBuffer: 1 << 28, timeout: 120_000 },
      (error, stdout, stderr) =>
        resolve({ status: error ? (typeof error.code === 'number' ? error.code : 1) : 0, stdout, stderr }),
    )
  })
}

/** `audit verify` on a stack's log: whether it passes, and what it says. */
export async function verifyLog(
  stack: Pick<Stack, 'dataDir' | 'port'>,
): Promise<{ ok: boolean; says: string }> {
  const { status, stdout, stderr } = await runCommand(stack, ['audit', 'verify', '--json'])
  return { ok: status === 0, says: `${stdout}${stderr}`.trim() }
}

export const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
