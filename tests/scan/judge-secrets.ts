import { readFileSync } from 'node:fs'
import { lintSource } from '@secretlint/core'
import { creator } from '@secretlint/secretlint-rule-preset-recommend'
import type { Finding } from './scan.ts'

/** Also what the scanner's own command reads: made-up names of examples that it may pass by. */
const { rules } = JSON.parse(readFileSync(new URL('../../.secretlintrc.json', import.meta.url), 'utf8'))
const CONFIG = rules.map((rule: object) => ({ ...rule, rule: creator }))

/** What secretlint's recommended rules find in a text; never the secret itself. */
export async function secretsIn(where: string, content: string): Promise<Finding[]> {
  const { messages } = await lintSource({
    source: { filePath: where, content, contentType: 'text' },
    options: {
      config: { rules: CONFIG },
      locale: 'en',
      maskSecrets: true,
    },
  })
  return messages.map(({ ruleId, messageId, loc }) => ({
    where,
    rule: ruleId,
    what: `${messageId}, line ${loc.start.line}`,
  }))
}
