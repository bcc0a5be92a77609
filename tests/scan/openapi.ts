import { redoclyFindings, spectralFindings } from './judge-openapi.ts'
import { withPortal } from './running-portal.ts'
import type { Scan } from './scan.ts'

/** The document that a portal serves. */
export const run: Scan = async ({ url }) =>
  await withPortal(url, async (origin) => {
    const answer = await fetch(`${origin}/api/openapi.json`)
    if (!answer.ok) throw new Error(`${origin}/api/openapi.json answers ${answer.status}`)
    const document = await answer.text()
    const { paths } = JSON.parse(document) as { paths: Record<string, object> }
    const operations = Object.values(paths).reduce((sum, methods) => sum + Object.keys(methods).length, 0)
    return {
      tools: ['Spectral (its rules for OpenAPI, all of OWASP’s)', 'Redocly (recommended)'],
      checked: operations,
      findings: [...(await spectralFindings(document)), ...(await redoclyFindings(document))],
    }
  })
