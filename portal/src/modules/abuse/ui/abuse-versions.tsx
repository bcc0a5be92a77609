import { Instant } from '#portal/ui/time.tsx'
import type { AbuseRulesVersion } from '../answers.ts'
import { ABUSE_ACTIONS, ABUSE_RULE_NAMES, type AbuseRule, type AbuseRules, abuseRulesWith } from '../rules.ts'

/** Every version with who set it, when, why, and what it changed. */
export function AbuseVersions({ history }: { history: AbuseRulesVersion[] }) {
  return (
    <section aria-labelledby="abuse-versions" className="grid max-w-[760px] grid-cols-1 gap-3">
      <h2 id="abuse-versions">Changes</h2>
      {history.length === 0 && <p className="text-ink-2">Nobody has changed what the portal came with.</p>}
      <ol className="grid grid-cols-1 gap-3">
        {history.map((entry, index) => (
          <li key={entry.version} className="border-b border-line pb-3 text-sm last:border-b-0">
            <p className="font-medium break-words">
              {changesOf(history[index + 1]?.rules ?? abuseRulesWith({}), entry.rules)}
            </p>
            <p className="break-words text-ink-2">
              {entry.reason} · version {entry.version}, {entry.setByName ?? 'a deleted account'},{' '}
              <Instant at={entry.setAt} />
            </p>
          </li>
        ))}
      </ol>
    </section>
  )
}

function changesOf(before: AbuseRules, after: AbuseRules): string {
  const changed = ABUSE_RULE_NAMES.filter((name) => say(before[name]) !== say(after[name])).map(
    (name) => `${after[name].title}: ${say(before[name])} → ${say(after[name])}`,
  )
  return changed.length > 0 ? changed.join('; ') : 'Set anew, nothing changed'
}

const say = ({ threshold, windowSeconds, action, lastsSeconds, alert, mode }: AbuseRule) =>
  `${threshold.toLocaleString('en-AU')} in ${windowSeconds} s, ${ABUSE_ACTIONS[action]}, ${lastsSeconds} s${alert ? '' : ', no alert'}${mode === 'monitor' ? ', watched' : ''}`
