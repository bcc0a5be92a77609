import { execFile } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { selfSigned } from '../support/certificate.ts'
import { startStack } from '../support/stack.ts'
import { callNpm, ROOT } from './call-npm.ts'
import type { Finding, Scan } from './scan.ts'

const HERE = `${ROOT}tests/scan/observatory`
const INSTALLED = `${ROOT}.artifacts/observatory`
const PAGES = ['/', '/forgot-password', '/limits', '/s/an-unknown-link']
/** 100, and all that the Observatory gives on top of it. */
const BEST = 140
const LIMIT_MS = 120_000

type Grade = {
  score: number
  grade: string
  tests: { name: string; result: string; pass: boolean; scoreModifier: number }[]
}

/** Mozilla's HTTP Observatory on the front page and on others that anybody may open, over the portal's own TLS. */
export const run: Scan = async ({ url }) => {
  await installObservatory()
  return url ? await gradeAll(new URL(url).host, {}) : await onOwnTls()
}

async function onOwnTls() {
  const folder = await mkdtemp('/tmp/mm-scan-')
  const [certFile, keyFile] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const { cert, key } = selfSigned()
  await writeFile(certFile, cert)
  await writeFile(keyFile, key, { mode: 0o600 })
  const stack = await startStack({ tls: { certFile, keyFile }, env: { LOG_LEVEL: 'warn' } })
  try {
    return await gradeAll(new URL(stack.url).host, { NODE_EXTRA_CA_CERTS: certFile })
  } finally {
    await stack.stop()
    await rm(folder, { recursive: true })
  }
}

async function gradeAll(host: string, env: Record<string, string>) {
  const findings: Finding[] = []
  const notes: Record<string, string> = {}
  for (const path of PAGES) {
    const { score, grade, tests } = await gradeOf(`${host}${path === '/' ? '' : path}`, env)
    notes[path] = `${score} (${grade})`
    for (const { name, result, pass, scoreModifier } of tests) {
      if (!pass) findings.push({ where: path, rule: name, what: `${result} (${scoreModifier})` })
    }
    if (score < BEST) {
      const short = tests.filter(({ scoreModifier }) => scoreModifier <= 0)
      findings.push({
        where: path,
        rule: 'score',
        what: `${score} of ${BEST}; nothing added by ${short.map(({ name, result }) => `${name} (${result})`).join(', ')}`,
      })
    }
  }
  return { tools: ['HTTP Observatory 1.4.8'], checked: PAGES.length, findings, notes }
}

async function gradeOf(site: string, env: Record<string, string>): Promise<Grade> {
  const { stdout } = await promisify(execFile)(process.execPath, [join(INSTALLED, 'grade.mjs'), site], {
    env: { ...process.env, ...env },
    timeout: LIMIT_MS,
  })
  return JSON.parse(stdout)
}

/** Two hundred packages that only this scan needs: apart from the others, from their own lock file. */
async function installObservatory(): Promise<void> {
  const lock = await readFile(join(HERE, 'package-lock.json'), 'utf8')
  await mkdir(INSTALLED, { recursive: true })
  const stamp = join(INSTALLED, '.installed-for')
  if ((await readFile(stamp, 'utf8').catch(() => null)) !== lock) {
    for (const name of ['package.json', 'package-lock.json', '.npmrc']) {
      await copyFile(join(HERE, name), join(INSTALLED, name))
    }
    const { failed, stderr } = await callNpm('ci', '--prefix', INSTALLED)
    if (failed) throw new Error(`the HTTP Observatory could not be installed: ${stderr}`)
    // Its list of preloaded sites is loaded by a script that is not run; this site is on none.
    const conf = join(INSTALLED, 'node_modules/@mdn/mdn-http-observatory/conf')
    await writeFile(join(conf, 'hsts-preload.json'), '{}')
    await writeFile(stamp, lock)
  }
  await copyFile(join(HERE, 'grade.mjs'), join(INSTALLED, 'grade.mjs'))
}
