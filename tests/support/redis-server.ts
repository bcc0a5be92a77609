import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:net'
import { freePort } from './stack.ts'
import { until } from './until.ts'

export type RedisServer = {
  url: string
  /** As the kernel would: nothing is saved. */
  kill(): Promise<void>
  restart(): Promise<void>
  stop(): Promise<void>
}

/** A Redis on a free port that keeps nothing on disk. @param env beside this process's own */
export async function startRedis(env: Record<string, string> = {}): Promise<RedisServer> {
  const port = await freePort()
  let child = await start(port, env)
  const kill = async () => {
    const gone = once(child, 'exit')
    if (child.exitCode === null && child.signalCode === null && child.kill('SIGKILL')) await gone
  }
  return {
    url: `redis://127.0.0.1:${port}`,
    kill,
    async restart() {
      child = await start(port, env)
    },
    stop: kill,
  }
}

async function start(port: number, env: Record<string, string>): Promise<ChildProcess> {
  const program = process.env.REDIS_SERVER_PATH ?? 'redis-server'
  const args = ['--port', `${port}`, '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no']
  const child = spawn(program, [...args, '--loglevel', 'warning'], {
    stdio: 'ignore',
    cwd: '/tmp',
    env: { ...process.env, ...env },
  })
  let failed: Error | undefined
  child.once('error', (error) => {
    failed = error
  })
  await until('Redis listens', () => {
    if (failed) throw failed
    if (child.exitCode !== null) throw new Error(`redis-server ended with ${child.exitCode}`)
    return answers(port)
  })
  return child
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    const done = (yes: boolean) => {
      socket.destroy()
      resolve(yes)
    }
    socket.once('error', () => done(false)).once('connect', () => socket.write('PING\r\n'))
    socket.once('data', (data) => done(data.toString().startsWith('+PONG')))
  })
}
