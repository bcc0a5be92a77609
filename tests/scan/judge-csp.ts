import { CspEvaluator } from 'csp_evaluator/dist/evaluator.js'
import { Severity } from 'csp_evaluator/dist/finding.js'
import { CspParser } from 'csp_evaluator/dist/parser.js'
import type { Finding } from './scan.ts'

/** What csp_evaluator says of a policy, but for what it only remarks (severity above 50). */
export function cspFindings(where: string, policy: string | null): Finding[] {
  if (!policy) return [{ where, rule: 'csp-missing', what: 'There is no Content-Security-Policy.' }]
  return new CspEvaluator(new CspParser(policy).csp)
    .evaluate()
    .filter(({ severity }) => severity <= Severity.MEDIUM_MAYBE)
    .map(({ severity, directive, value, description }) => ({
      where,
      rule: `${Severity[severity]} (${severity}) ${directive}`,
      what: `${value ?? ''} ${description}`.trim(),
    }))
}
