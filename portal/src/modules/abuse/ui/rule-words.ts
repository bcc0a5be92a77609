import { inWords, spanInWords } from '#portal/modules/limits/rules.ts'
import { ABUSE_ACTIONS, ABUSE_SUBJECTS, type AbuseRule, SIGNALS } from '../rules.ts'

const COUNTED = { tries: 'times', accounts: 'different accounts', links: 'different links' }

/** "12 different accounts in 10 minutes" */
export const countInWords = ({ threshold, windowSeconds, counts }: AbuseRule) =>
  inWords({ quota: threshold, windowSeconds }, COUNTED[counts])

/** "a sign-in that was refused, 12 different accounts in 10 minutes for each source" */
export const ruleInWords = (rule: AbuseRule) =>
  `${SIGNALS[rule.signal]}, ${countInWords(rule)} ${rule.by === 'portal' ? 'in the whole portal' : `for each ${ABUSE_SUBJECTS[rule.by]}`}`

/** "refused for 15 minutes" */
export function answerInWords({ action, lastsSeconds }: AbuseRule): string {
  if (action === 'none') return ABUSE_ACTIONS.none
  const span = spanInWords(lastsSeconds)
  return action === 'block' ? `refused for ${span}` : `${ABUSE_ACTIONS[action]}, for ${span}`
}
