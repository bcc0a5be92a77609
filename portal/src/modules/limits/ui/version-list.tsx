import { Instant } from '#portal/ui/time.tsx'
import type { LimitsVersion } from '../answers.ts'
import { inWords, type LimitRule, type LimitRules, RULE_NAMES, rulesWith } from '../rules.ts'

/** Every version with who set it, when, why, and what it changed. */
export function VersionList({ history }: { history: LimitsVersion[] }) {
  return (
    <section aria-labelledby="limit-versions" className="grid max-w-[760px] grid-cols-1 gap-3">
      <h2 id="limit-versions">Changes</h2>
      {history.length === 0 && <p className="text-ink-2">Nobody has changed what the portal came with.</p>}
      <ol className="grid grid-cols-1 gap-3">
        {history.map((entry, index) => (
          <li key={entry.version} className="border-b border-line pb-3 text-sm last:border-b-0">
            <p className="font-medium break-words">
              {changesOf(history[index + 1]?.rules ?? rulesWith({}), entry.rules)}
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

function changesOf(before: LimitRules, after: LimitRules): string {
  const changed = RULE_NAMES.filter((name) => say(before[name]) !== say(after[name])).map(
    (name) => `${name}: ${say(before[name])} → ${say(after[name])}`,
  )
  return changed.length > 0 ? changed.join('; ') : 'Set anew, nothing changed'
}

const say = (rule: LimitRule) =>
  `${inWords(rule)}, ${rule.burst.toLocaleString('en-AU')} at once${rule.mode === 'monitor' ? ', watched' : ''}`
