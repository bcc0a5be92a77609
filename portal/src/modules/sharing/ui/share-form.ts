import type { NewShare } from './share-api.ts'
import type { Access } from './share-words.ts'

export type ShareForm = {
  access: Access
  allow: string
  /** hours from now */
  hours: number
  maxViews: string
  password: string
}

export const expiryChoices = [
  { hours: 1, label: 'in 1 hour' },
  { hours: 24, label: 'in 1 day' },
  { hours: 72, label: 'in 3 days' },
  { hours: 168, label: 'in 7 days' },
]

export const blankShare: ShareForm = { access: 'email', allow: '', hours: 168, maxViews: '', password: '' }

const ADDRESS = /^[^\s@]+@[^\s@]+\.[^\s@]+$/
const DOMAIN = /^@?[a-z0-9-]+(\.[a-z0-9-]+)+$/i

/** Addresses and domains as people write lists: commas, spaces, lines; "example.com" means "@example.com". */
export function entriesOf(text: string): { entries: string[]; wrong: string[] } {
  const words = text.split(/[\s,;]+/).filter(Boolean)
  const entries: string[] = []
  const wrong: string[] = []
  for (const word of words) {
    if (ADDRESS.test(word)) entries.push(word.toLowerCase())
    else if (DOMAIN.test(word)) entries.push(`@${word.replace(/^@/, '').toLowerCase()}`)
    else wrong.push(word)
  }
  return { entries: [...new Set(entries)], wrong }
}

/** The request of a filled-in form, or what is wrong with it, field by field. */
export function requestOf(
  form: ShareForm,
  now: number,
): { request: NewShare } | { faults: Partial<Record<keyof ShareForm, string>> } {
  const faults: Partial<Record<keyof ShareForm, string>> = {}
  const { entries, wrong } = entriesOf(form.access === 'link' ? '' : form.allow)
  if (wrong.length > 0) faults.allow = `${wrong.slice(0, 3).join(', ')}: neither an address nor a domain.`
  const maxViews = form.maxViews.trim() === '' ? null : Number(form.maxViews)
  if (maxViews !== null && (!Number.isInteger(maxViews) || maxViews < 1))
    faults.maxViews = 'A whole number from 1, or nothing.'
  if (form.password && form.password.length < 8) faults.password = 'At least 8 characters.'
  if (Object.keys(faults).length > 0) return { faults }
  return {
    request: {
      access: form.access,
      allow: entries,
      expiresAt: new Date(now + form.hours * 3_600_000).toISOString(),
      ...(maxViews === null ? {} : { maxViews }),
      ...(form.password ? { password: form.password } : {}),
    },
  }
}
