import { createConfig, lintFromString } from '@redocly/openapi-core'
import { type RulesetDefinition, Spectral } from '@stoplight/spectral-core'
import owasp from '@stoplight/spectral-owasp-ruleset'
import { oas } from '@stoplight/spectral-rulesets'
import type { Finding } from './scan.ts'

const RULES: RulesetDefinition = { extends: [oas as RulesetDefinition, [owasp as RulesetDefinition, 'all']] }

/** What Spectral says of an OpenAPI document, by its own rules for OpenAPI and by all of OWASP's. */
export async function spectralFindings(document: string): Promise<Finding[]> {
  const spectral = new Spectral()
  spectral.setRuleset(RULES)
  const found = await spectral.run(JSON.parse(document))
  return found.map(({ code, path, message }) => ({
    where: path.join('.'),
    rule: String(code),
    what: message,
  }))
}

/** What Redocly says of it, by its recommended rules, warnings too. */
export async function redoclyFindings(document: string): Promise<Finding[]> {
  const config = await createConfig({ extends: ['recommended'] })
  const found = await lintFromString({ source: document, absoluteRef: 'openapi.json', config })
  return found.map(({ ruleId, message, location }) => ({
    where: location.map(({ pointer }) => pointer ?? '').join(' '),
    rule: ruleId,
    what: message,
  }))
}
