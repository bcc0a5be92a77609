import type { PublishedKeys } from '#portal/platform/audit-sink.ts'
import type { AuditLog } from './compose-audit.ts'

/**
 * Every verifier key that an auditor needs: those that sign heads now (in an overlap the next one too), those that did,
 * and the witnesses with how many of them a head ought to carry.
 */
export function publishedKeys({ origin, keys, witnesses, policy }: AuditLog): PublishedKeys {
  const list = keys.list()
  const signs = ({ state }: { state: string }) => state === 'current' || state === 'next'
  return {
    origin,
    current: list.filter(signs).map(({ vkey }) => vkey),
    retired: list.filter((key) => !signs(key)).map(({ vkey }) => vkey),
    witnesses: witnesses.map(({ vkey }) => vkey),
    threshold: policy.required,
    keys: list.map(({ state, ...key }) => ({
      ...key,
      state: state as PublishedKeys['keys'][number]['state'],
    })),
  }
}
