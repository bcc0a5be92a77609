import type { Alert } from '#portal/adapters/alerts/port.ts'
import type { App } from '#portal/platform/app.ts'
import type { Witness } from '../compose-audit.ts'
import type { Answer } from './ask-witness.ts'

type Alerts = { ports: Pick<App['ports'], 'alerts'> }
type Named = Pick<Witness, 'name'>

export const refusedKey = ({ name }: Named): string => `audit.witness_refused:${name}`
export const lateKey = ({ name }: Named): string => `audit.witness_late:${name}`

/** Alerts where a witness refuses; one that can't be reached is told of once its cosignature is late. */
export async function tellRefusal(
  { ports }: Alerts,
  witness: Named,
  size: number,
  answer: Answer,
): Promise<void> {
  const alert = refusalOf(witness, size, answer)
  if (alert) await ports.alerts.raise({ key: refusedKey(witness), ...alert })
}

function refusalOf({ name }: Named, size: number, answer: Answer): Omit<Alert, 'key'> | null {
  switch (answer.outcome) {
    case 'forked':
      return {
        severity: 'critical',
        audience: ['security'],
        summary: `The audit log was forked: its entries are not those that the witness ${name} has seen. Sign nothing, restore nothing; compare both.`,
        details: { witness: name, its_size: answer.itsSize, our_size: size },
      }
    case 'rolled_back':
      return {
        severity: 'critical',
        audience: ['security'],
        summary: `The audit log was rolled back or cut short: the witness ${name} has seen more entries than are here.`,
        details: { witness: name, its_size: answer.itsSize, our_size: size },
      }
    case 'unknown_log':
    case 'unknown_key':
    case 'wrong_answer':
    case 'wrong_clock':
      return {
        severity: 'warning',
        audience: ['security'],
        summary: `The witness ${name} does not cosign the audit log as it should: ${answer.why}.`,
        details: { witness: name },
      }
    default:
      return null
  }
}
