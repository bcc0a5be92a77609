import { VIEWER_MEMORY_DAYS } from '#portal/modules/sharing/rules.ts'
import type { Settings } from '#portal/platform/env.ts'
import type { TableData } from '#portal/platform/table-data.ts'
import type { NoticeCategory, PrivacyNotice } from './answers.ts'
import { BROWSER_STORAGE } from './browser-storage.ts'
import { INVENTORY } from './data-inventory.ts'
import { READERS, recipientsOf } from './data-recipients.ts'
import { inDays, type LawfulBasis, NOTICE_CATEGORIES } from './notice-categories.ts'
import { retentionRules } from './retention-rules.ts'

const BASES: Record<LawfulBasis, string> = {
  contract: 'It is needed for what was agreed with you or your organisation (GDPR, Art. 6(1)(b)).',
  legitimate_interests:
    'Confidential video has to be kept safe, and its owner told who had it (GDPR, Art. 6(1)(f)). You may object.',
  legal_obligation: 'The law asks for it (GDPR, Art. 6(1)(c)).',
}
const REGIONS = { AU: 'Australia', EU: 'the European Union' } as const

/** What /privacy tells: of the inventory, the rules of retention and the settings of this installation. */
export function privacyNotice(settings: Settings): PrivacyNotice {
  const { PRIVACY_CONTACT: contact } = settings
  return {
    region: REGIONS[settings.REGION],
    contact: contact ? { href: contact, text: contact.replace(/^(mailto:|https:\/\/)/, '') } : null,
    recordsWatching: settings.CONSENT_BANNER_ENABLED && settings.MINIMAL_ANALYTICS_ENABLED,
    categories: noticeCategories(),
    browser: BROWSER_STORAGE,
    readers: [...READERS],
    recipients: recipientsOf(settings),
    memory: inDays(VIEWER_MEMORY_DAYS),
  }
}

/** Every purpose with the tables that serve it; a test holds them against the inventory. */
function noticeCategories(): NoticeCategory[] {
  const byName = new Map(INVENTORY.map((data) => [data.table, data]))
  return NOTICE_CATEGORIES.map(({ id, title, tables, why, basis, kept }) => {
    const names = tables.split(' ')
    const parts = names.flatMap((name) => byName.get(name) ?? [])
    const ruled = retentionRules.filter(({ table }) => names.includes(table))
    return {
      ...{ id, title, why, of: ofWhom(parts), basis: BASES[basis] },
      kept: [...kept, ...ruled.map(({ rule, keptDays }) => `${capital(rule)}: ${inDays(keptDays)}.`)],
      parts: parts.map((data) => ({ holds: capital(data.holds), erased: erasureOf(data) })),
    }
  })
}

function ofWhom(parts: TableData[]): NoticeCategory['of'] {
  const told = new Set(parts.map((data) => data.of))
  if (told.has('both') || told.size > 1) return 'both'
  return told.has('guest') ? 'guest' : 'account'
}

/** What an erasure does with a table, in sentences; columns are not named to everybody. */
function erasureOf({ deleted, replaced, words, pseudonyms, kept }: TableData): string[] {
  return [
    ...(deleted ? ['Deleted.'] : []),
    ...(replaced ? ['What leads to you is replaced.'] : []),
    ...(words ? ['Your name and addresses are taken out of what was written.'] : []),
    ...(pseudonyms ? ['An ID stays that names nobody.'] : []),
    ...[...new Set(Object.values(kept ?? {}))].map((why) => `Stays: ${why}.`),
  ]
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** Days for which retention keeps rows of a table. @throws where no rule is about it */
export function keptDaysOf(table: string): number {
  const rule = retentionRules.find((one) => one.table === table)
  if (!rule) throw new Error(`no rule of retention is about ${table}`)
  return rule.keptDays
}
