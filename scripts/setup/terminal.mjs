import { spawn } from 'node:child_process'
import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The repository's folder, which may have spaces in its path. */
export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))))

/** Something a person must do; printed as one line, without a stack. */
export class Refusal extends Error {}

/** A line to the person at the terminal, on stderr. @param {string} line */
export function say(line) {
  process.stderr.write(`${line}\n`)
}

/**
 * Runs a program with its output on our stderr, or on another open file; resolves with its exit status (127 if it can't be
 * started).
 * @param {string} file @param {string[]} args @param {NodeJS.ProcessEnv} [env] @param {number} [output]
 * @returns {Promise<number>}
 */
export function runLoudly(file, args, env = process.env, output = 2) {
  return new Promise((resolve) => {
    const child = spawn(file, args, { cwd: ROOT, env, stdio: ['ignore', output, output] })
    child.once('error', () => resolve(127))
    child.once('close', (code) => resolve(code ?? 1))
  })
}
