import { VersionList } from '#portal/ui/version-list.tsx'
import type { AbuseRulesVersion } from '../answers.ts'
import { ABUSE_ACTIONS, ABUSE_RULE_NAMES, type AbuseRule, type AbuseRules, abuseRulesWith } from '../rules.ts'

/** Every version of the rules of abuse. */
export function AbuseVersions({ history }: { history: AbuseRulesVersion[] }) {
  return (
    <VersionList
      id="abuse-versions"
      history={history}
      changesOf={(entry, before) => changesOf(before?.rules ?? abuseRulesWith({}), entry.rules)}
    />
  )
}

function changesOf(before: AbuseRules, after: AbuseRules): string[] {
  return ABUSE_RULE_NAMES.filter((name) => say(before[name]) !== say(after[name])).map(
    (name) => `${after[name].title}: ${say(before[name])} → ${say(after[name])}`,
  )
}

const say = ({ threshold, windowSeconds, action, lastsSeconds, alert, mode }: AbuseRule) =>
  `${threshold.toLocaleString('en-AU')} in ${windowSeconds} s, ${ABUSE_ACTIONS[action]}, ${lastsSeconds} s${alert ? '' : ', no alert'}${mode === 'monitor' ? ', watched' : ''}`
