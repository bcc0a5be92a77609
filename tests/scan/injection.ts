// `npm run scan -- injection [--minutes N]`: sqlmap on every parameter of the API, as a signed-in administrator.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { debianTool, runTool } from './debian-tool.ts'
import type { Finding, Scan } from './scan.ts'
import { exampleOf, type OpenApi, startSignedIn } from './signed-in-portal.ts'

const MINUTES = 20
const ONE_MS = 120_000
/** Ends the session that the scan needs, or would be asked for ever. */
const LEFT_OUT = /^\/api\/(auth\/sign-out|account\/sessions|cron)|stream|export|\/events$/

type Target = { name: string; request: string }

export const run: Scan = async ({ minutes = MINUTES }) => {
  await debianTool('sqlmap')
  const portal = await startSignedIn()
  const deadline = performance.now() + minutes * 60_000
  const findings: Finding[] = []
  let checked = 0
  let parameters = 0
  const late: string[] = []
  try {
    const targets = targetsOf(portal.url, portal.cookie, portal.document)
    for (const { name, request } of targets) {
      const left = deadline - performance.now()
      if (left < 5000) {
        late.push(name)
        continue
      }
      const file = join(portal.folder, 'request.txt')
      await writeFile(file, request)
      const { output, code } = await runTool(
        'sqlmap',
        [
          ...[
            '-r',
            file,
            '--force-ssl',
            '--batch',
            '--flush-session',
            '--output-dir',
            join(portal.folder, 'sqlmap'),
          ],
          ...['--dbms', 'PostgreSQL', '--technique', 'BEU', '--level', '1', '--risk', '1', '--threads', '4'],
          ...[
            '--ignore-code',
            '400,401,403,404,409,422,429',
            '--disable-coloring',
            '--timeout',
            '15',
            '--retries',
            '1',
          ],
          // Without a terminal it would take its targets from standard input, and try nothing.
          ...['--ignore-stdin', '--skip-waf', '--answers', 'follow=N,extending=N,skip=N', '-v', '1'],
        ],
        { deadlineMs: Math.min(ONE_MS, left), cwd: portal.folder },
      )
      const tested = output.match(/^\[.*\] \[WARNING\] .*does not seem to be injectable/gm)?.length ?? 0
      parameters += tested
      if (/identified the following injection point|is vulnerable/.test(output))
        findings.push({
          where: name,
          rule: 'sql-injection',
          what: output.slice(output.indexOf('Parameter:'), -1).slice(0, 300),
        })
      else if (code === null || tested === 0) late.push(name)
      else checked += 1
    }
    return {
      tools: [await versionOf()],
      ...{ checked, findings },
      notes: { operations: targets.length, 'parameters tried': parameters },
      ...(late.length
        ? {
            unknown: `no time for ${late.length}, or nothing of them could be tried: ${late.slice(0, 5).join(', ')}`,
          }
        : {}),
    }
  } finally {
    await portal.stop()
  }
}

async function versionOf(): Promise<string> {
  const { output } = await runTool('sqlmap', ['--version'], { deadlineMs: 30_000 })
  return `sqlmap ${output.split('\n', 1)[0]?.trim()}`
}

/** A request a operation: each parameter of its path, query and body is tried. */
function targetsOf(origin: string, cookie: string, document: OpenApi): Target[] {
  const { host } = new URL(origin)
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => {
      if (LEFT_OUT.test(path)) return []
      const query = (operation.parameters ?? []).filter((each) => each.in === 'query')
      const schema = operation.requestBody?.content?.['application/json']?.schema
      const hasPath = path.includes('{')
      if (!hasPath && query.length === 0 && !schema) return []
      // A star is where sqlmap puts what it tries, beside what it finds by itself.
      const place = path.replace(/\{\w+\}/g, 'a*')
      const search = query.map(
        (each) => `${each.name}=${encodeURIComponent(String(exampleOf(each.schema)))}${hasPath ? '*' : ''}`,
      )
      const body = schema ? JSON.stringify(exampleOf(schema)) : ''
      const head = [
        `${method.toUpperCase()} ${place}${search.length ? `?${search.join('&')}` : ''} HTTP/1.1`,
        `Host: ${host}`,
        `Cookie: ${cookie}`,
        ...(schema ? ['Content-Type: application/json', `Content-Length: ${Buffer.byteLength(body)}`] : []),
      ]
      return [{ name: `${method.toUpperCase()} ${path}`, request: `${head.join('\r\n')}\r\n\r\n${body}` }]
    }),
  )
}
