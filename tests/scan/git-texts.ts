import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { ROOT } from './call-npm.ts'

/** Pictures, fonts and media hold no text that a person could have put a key into. */
const BINARY = /\.(png|jpe?g|gif|ico|woff2?|mp4|m4a|mov|webm|zip|gz)$/
const MOST_BYTES = 5_000_000

export type Text = { where: string; content: string }

async function* output(args: string[], input?: string): AsyncGenerator<Buffer> {
  // A clone that belongs to another user is read all the same: nothing in it is run.
  const git = spawn('git', ['-c', `safe.directory=${ROOT.slice(0, -1)}`, ...args], { cwd: ROOT })
  const ended = once(git, 'close')
  git.stdin.end(input)
  yield* git.stdout
  const [status] = await ended
  if (status !== 0) throw new Error(`git ${args[0]} ended with ${status}: is this a clone with its history?`)
}

async function whole(args: string[]): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of output(args)) chunks.push(chunk)
  return Buffer.concat(chunks).toString()
}

/** Every version of every file in every commit that any branch or tag reaches, once each, and each commit's message. */
export async function* textsOfHistory(): AsyncGenerator<Text> {
  const names = new Map<string, string>()
  for (const line of (await whole(['rev-list', '--objects', '--all'])).split('\n')) {
    const [id = '', name] = line.split(/ (.*)/)
    if (id && !BINARY.test(name ?? '')) names.set(id, name ?? '')
  }
  for await (const { id, kind, content } of objects([...names.keys()])) {
    if (kind === 'blob') yield { where: `${names.get(id)}@${id.slice(0, 12)}`, content }
    if (kind === 'commit' || kind === 'tag') yield { where: `${kind} ${id.slice(0, 12)}`, content }
  }
}

/** `git cat-file --batch`, read as it comes. */
async function* objects(ids: string[]): AsyncGenerator<{ id: string; kind: string; content: string }> {
  let rest: Buffer = Buffer.alloc(0)
  for await (const chunk of output(['cat-file', '--batch'], `${ids.join('\n')}\n`)) {
    rest = Buffer.concat([rest, chunk])
    for (;;) {
      const end = rest.indexOf('\n')
      const [id = '', kind = '', size = '0'] = end < 0 ? [] : rest.toString('utf8', 0, end).split(' ')
      const next = end + 1 + Number(size) + 1
      if (end < 0 || rest.length < next) break
      const content = Number(size) > MOST_BYTES ? '' : rest.toString('utf8', end + 1, next - 1)
      yield { id, kind, content }
      rest = rest.subarray(next)
    }
  }
}

/** The tracked files, as they lie in the index. */
export async function* trackedTexts(): AsyncGenerator<Text> {
  const names = new Map<string, string>()
  for (const line of (await whole(['ls-files', '--stage'])).split('\n')) {
    const [, id = '', , name = ''] = line.split(/[ \t]/)
    if (id && !BINARY.test(name)) names.set(id, name)
  }
  for await (const { id, content } of objects([...names.keys()])) {
    yield { where: names.get(id) ?? id, content }
  }
}
