import { changeOf, VersionList } from '#portal/ui/version-list.tsx'
import type { LimitsVersion } from '../answers.ts'
import { inWords, type LimitRule, type LimitRules, RULE_NAMES, rulesWith } from '../rules.ts'

/** Every version of the limits. */
export function LimitVersions({ history }: { history: LimitsVersion[] }) {
  return (
    <VersionList
      id="limit-versions"
      history={history}
      changesOf={(entry, before) => changesOf(before?.rules ?? rulesWith({}), entry.rules)}
    />
  )
}

function changesOf(before: LimitRules, after: LimitRules): string[] {
  return RULE_NAMES.flatMap((name) => changeOf(name, told(before[name]), told(after[name])))
}

const told = (rule: LimitRule) => [
  inWords(rule),
  `${rule.burst.toLocaleString('en-AU')} at once`,
  rule.mode === 'monitor' ? 'watched' : 'enforced',
]
