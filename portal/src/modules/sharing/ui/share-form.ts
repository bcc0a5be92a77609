import type { Download } from '#portal/modules/sharing/rules.ts'
import type { ShareRequest } from '../inputs.ts'
import type { Access } from './share-words.ts'

export type ShareForm = {
  access: Access
  allow: string
  /** hours from now */
  hours: number
  maxViews: string
  password: string
  deny: string
  /** as `datetime-local` gives it, in the browser's own zone; empty: at once */
  startsAt: string
  maxViewers: string
  agreement: string
  watermark: boolean
  oneDevice: boolean
  /** empty: none */
  download: Download | ''
  /** which parts are watched is kept for the owner */
  analytics: boolean
  note: string
  /** why it should go beyond the limits */
  reason: string
}

export const expiryChoices = [
  { hours: 1, label: 'in 1 hour' },
  { hours: 24, label: 'in 1 day' },
  { hours: 72, label: 'in 3 days' },
  { hours: 168, label: 'in 7 days' },
  { hours: 720, label: 'in 30 days' },
  { hours: 2160, label: 'in 90 days' },
]

export const blankShare: ShareForm = {
  access: 'email',
  allow: '',
  hours: 168,
  maxViews: '',
  password: '',
  deny: '',
  startsAt: '',
  maxViewers: '',
  agreement: '',
  watermark: false,
  oneDevice: false,
  download: '',
  analytics: true,
  note: '',
  reason: '',
}

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
): { request: ShareRequest } | { faults: Partial<Record<keyof ShareForm, string>> } {
  const faults: Partial<Record<keyof ShareForm, string>> = {}
  const people = (field: 'allow' | 'deny') => {
    const { entries, wrong } = entriesOf(form.access === 'link' ? '' : form[field])
    if (wrong.length > 0) faults[field] = `${wrong.slice(0, 3).join(', ')}: neither an address nor a domain.`
    return entries
  }
  const count = (field: 'maxViews' | 'maxViewers') => {
    const number = form[field].trim() === '' ? null : Number(form[field])
    if (number !== null && (!Number.isInteger(number) || number < 1))
      faults[field] = 'A whole number from 1, or nothing.'
    return number
  }
  const [allow, deny] = [people('allow'), people('deny')]
  const [maxViews, maxViewers] = [count('maxViews'), count('maxViewers')]
  const expiresAt = now + form.hours * 3_600_000
  const startsAt = form.startsAt ? Date.parse(form.startsAt) : null
  if (startsAt !== null && !(startsAt < expiresAt)) faults.startsAt = 'Must lie before the end of the link.'
  if (form.password && form.password.length < 8) faults.password = 'At least 8 characters.'
  if (form.watermark && form.download === 'audio-only')
    faults.download = 'Sound alone carries no watermark. Choose a picture, or no watermark.'
  if (Object.keys(faults).length > 0) return { faults }
  return {
    request: {
      access: form.access,
      allow,
      expiresAt: new Date(expiresAt).toISOString(),
      ...(deny.length > 0 ? { deny } : {}),
      ...(startsAt !== null && startsAt > now ? { startsAt: new Date(startsAt).toISOString() } : {}),
      ...(maxViews === null ? {} : { maxViews }),
      ...(maxViewers === null ? {} : { maxViewers }),
      ...(form.password ? { password: form.password } : {}),
      ...(form.agreement.trim() ? { agreement: form.agreement.trim() } : {}),
      ...(form.watermark ? { watermark: true } : {}),
      ...(form.oneDevice ? { oneDevice: true } : {}),
      ...(form.download ? { download: form.download } : {}),
      ...(form.analytics ? {} : { analytics: false }),
      ...(form.note.trim() ? { note: form.note.trim() } : {}),
      ...(form.reason.trim() ? { reason: form.reason.trim() } : {}),
    },
  }
}
