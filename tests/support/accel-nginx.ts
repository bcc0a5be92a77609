import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from './stack.ts'
import { until } from './until.ts'

const DOCUMENTED = fileURLToPath(new URL('../../engine/docs/accel.nginx.conf', import.meta.url))
const TEMPORARY = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']

export type AccelNginx = { origin: string; stop(): Promise<void> }

/** nginx with the documented configuration, in front of an engine at `enginePort` whose objects lie in `objects`. */
export async function startAccelNginx(enginePort: number, objects: string): Promise<AccelNginx> {
  const folder = await mkdtemp('/tmp/mm-accel-')
  await chmod(folder, 0o755)
  const port = await freePort()
  const documented = (await readFile(DOCUMENTED, 'utf8'))
    .replace('127.0.0.1:4100', `127.0.0.1:${enginePort}`)
    .replace('/var/lib/engine/objects/', `${objects}/`)
  const temporary = TEMPORARY.map((name) => `${name}_temp_path ${folder}/${name};`).join('\n')
  const conf = `
    ${process.getuid?.() === 0 ? 'user root;' : ''}
    daemon off; worker_processes 1; pid ${folder}/nginx.pid;
    events { worker_connections 256; }
    http { access_log off; sendfile on; ${temporary}
      server { listen 127.0.0.1:${port}; ${documented} } }`
  await writeFile(join(folder, 'nginx.conf'), conf)
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')]
  const child = spawn('nginx', args, { stdio: 'ignore' })
  const exited = once(child, 'exit')
  const origin = `http://127.0.0.1:${port}`
  await until('nginx listens', () => {
    if (child.exitCode !== null) throw new Error(`nginx ended with ${child.exitCode}`)
    return fetch(origin).then(
      () => true,
      () => false,
    )
  })
  return {
    origin,
    async stop() {
      child.kill('SIGTERM')
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}
