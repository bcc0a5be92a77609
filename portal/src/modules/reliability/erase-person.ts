import type { Eraser } from '#portal/platform/erasure.ts'
import { redactPerson } from '#portal/platform/redact-person.ts'

/** Comparisons with the video service name objects, not people; words in them are looked through. */
export const comparisonEraser: Eraser = {
  step: 'reliability',
  async erase({ tx, person }) {
    return [
      ...(await redactPerson(tx, person, 'reconciliation_findings', ['detail::jsonb', 'error'])),
      ...(await redactPerson(tx, person, 'reconciliations', ['error'])),
    ]
  },
}
