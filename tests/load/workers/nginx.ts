import { execFile, spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { once } from 'node:events'
import { chmod, copyFile, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from '../../support/stack.ts'
import { until } from '../../support/until.ts'

const SECRET = 'the floor'

export type Nginx = {
  port: number
  folder: string
  version: string
  /** Copies a file in and gives its signed path. */
  offer(file: string, name: string): Promise<string>
  stop(): Promise<void>
}

/** nginx with secure_link and one worker a core, as Debian builds it. Null where it isn't installed. */
export async function startNginx(): Promise<Nginx | null> {
  const command = 'nginx'
  const found = await promisify(execFile)(command, ['-V']).catch(() => null)
  if (!found?.stderr.includes('secure_link')) return null
  const folder = await mkdtemp('/tmp/mm-nginx-')
  await chmod(folder, 0o755)
  const port = await freePort()
  await writeFile(join(folder, 'nginx.conf'), configuration(folder, port))
  const args = ['-p', folder, '-c', join(folder, 'nginx.conf'), '-e', join(folder, 'error.log')]
  const child = spawn(command, args, { stdio: 'ignore' })
  const exited = once(child, 'exit')
  await until('nginx listens', () =>
    fetch(`http://127.0.0.1:${port}/`).then(
      () => true,
      () => false,
    ),
  )
  return {
    port,
    folder,
    version: /nginx\/[\d.]+/.exec(found.stderr)?.[0] ?? 'nginx',
    async offer(file, name) {
      await copyFile(file, join(folder, name))
      await chmod(join(folder, name), 0o644)
      const expires = Math.floor(Date.now() / 1000) + 3600
      const md5 = createHash('md5').update(`${expires}/${name} ${SECRET}`).digest('base64url')
      return `/${name}?md5=${md5}&expires=${expires}`
    },
    async stop() {
      child.kill('SIGTERM')
      await exited
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const configuration = (folder: string, port: number) => `
daemon off;
worker_processes auto;
pid ${folder}/nginx.pid;
events { worker_connections 1024; }
http {
  access_log off;
  sendfile on;
  keepalive_requests 10000000;
  open_file_cache max=1000;
  types { video/mp4 m4s; }
  client_body_temp_path ${folder}/body;
  proxy_temp_path ${folder}/proxy;
  fastcgi_temp_path ${folder}/fastcgi;
  uwsgi_temp_path ${folder}/uwsgi;
  scgi_temp_path ${folder}/scgi;
  server {
    listen 127.0.0.1:${port};
    root ${folder};
    location / {
      secure_link $arg_md5,$arg_expires;
      secure_link_md5 "$secure_link_expires$uri ${SECRET}";
      if ($secure_link = "") { return 403; }
      if ($secure_link = "0") { return 410; }
    }
  }
}
`
