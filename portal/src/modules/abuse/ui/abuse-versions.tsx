import { changeOf, VersionList } from '#portal/ui/version-list.tsx'
import type { AbuseRulesVersion } from '../answers.ts'
import { ABUSE_RULE_NAMES, type AbuseRule, type AbuseRules, abuseRulesWith } from '../rules.ts'
import { answerInWords, countInWords } from './rule-words.ts'

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
  return ABUSE_RULE_NAMES.flatMap((name) =>
    changeOf(after[name].title, told(before[name]), told(after[name])),
  )
}

const told = (rule: AbuseRule) => [
  countInWords(rule),
  answerInWords(rule),
  rule.alert ? 'an alert' : 'no alert',
  rule.mode === 'monitor' ? 'watched' : 'enforced',
]
