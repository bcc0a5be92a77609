import { textsOfHistory } from './git-texts.ts'
import { secretsIn } from './judge-secrets.ts'
import type { Finding, Scan } from './scan.ts'

/** Every version of every file that the history holds, and every commit's message. */
export const run: Scan = async () => {
  const findings: Finding[] = []
  let checked = 0
  for await (const { where, content } of textsOfHistory()) {
    checked += 1
    findings.push(...(await secretsIn(where, content)))
  }
  return { tools: ['secretlint (recommended rules)'], checked, findings }
}
