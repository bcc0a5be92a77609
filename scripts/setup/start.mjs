import { spawn } from 'node:child_process'
import { delimiter, dirname, relative } from 'node:path'
import { noteRunning } from './running.mjs'
import { Refusal, ROOT } from './terminal.mjs'

/**
 * Starts Node 24 on a script, passes signals on, and ends as it ends: with its exit status or by its signal.
 * @param {string} node @param {string[]} args @param {NodeJS.ProcessEnv} env
 */
export async function startAndFollow(node, args, env) {
  const path = [dirname(node), env.PATH].filter(Boolean).join(delimiter)
  const child = spawn(node, args, { cwd: ROOT, env: { ...env, PATH: path }, stdio: 'inherit' })
  const forget = child.pid ? noteRunning(child.pid, relative(ROOT, args[0])) : () => {}
  const atTerminal = process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT']) {
    process.on(signal, () => {
      // A terminal sends Ctrl-C to the whole group: the child has it already, and twice would mean "at once".
      if (atTerminal && signal !== 'SIGTERM') return
      child.kill(signal)
    })
  }
  stopWithParent(child)
  const [code, signal] = await new Promise((resolve, reject) => {
    child.once('error', (error) =>
      reject(new Refusal(`${node} can't be started (${error.code}): this system lacks what Node 24 needs.`)),
    )
    child.once('exit', (...end) => resolve(end))
  })
  forget()
  if (!signal) process.exit(code)
  process.removeAllListeners(signal)
  process.kill(process.pid, signal)
}

const PARENT_CHECK_MS = 300

// `kill` of npm ends npm and its shell, and nobody tells us: without this, a portal would stay behind.
function stopWithParent(child) {
  const parent = process.ppid
  if (!process.env.npm_lifecycle_event || parent === 1) return
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    child.kill('SIGTERM')
  }, PARENT_CHECK_MS)
  timer.unref()
}
