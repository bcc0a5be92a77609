import type { Settings } from '#portal/platform/env.ts'
import { AppError } from '#portal/platform/errors.ts'
import { isCommonPassword, isInBreachFile } from './common-passwords.ts'

export type PasswordCheck = {
  password: string
  /** What somebody who knows the person would try: their address, name, organisation. */
  context: string[]
  settings: Pick<Settings, 'BREACHED_PASSWORDS_FILE'>
  /** Name of the input's field, for the answer. */
  field?: string
}

const ADVICE = 'Three or four random words make a good one.'
const PRODUCT = ['Motion Mavericks', 'portal']

/**
 * Refuses passwords that attackers try first (NIST SP 800-63B-4, 3.1.1.2): leaked ones, simple variants of those, and
 * ones made of the person's own names. Nothing leaves this machine, and the password is never logged.
 * @throws AppError invalid with what to do; unavailable where BREACHED_PASSWORDS_FILE can't be read
 */
export async function refusePoorPassword(check: PasswordCheck): Promise<void> {
  const password = check.password.normalize('NFKC')
  const { BREACHED_PASSWORDS_FILE: file } = check.settings
  if (isPattern(password)) refuse(check, 'This password repeats itself or counts up.')
  if (isMadeOf(password, [...check.context, ...PRODUCT]))
    refuse(check, 'This password is made of names that others know.')
  if ((await isCommonPassword(variantsOf(password))) || (file && (await isLeaked(file, password))))
    refuse(check, 'This password is on lists of leaked passwords.')
}

/** The softer rule, for a password that one person tells others: not one of the most common. */
export async function refuseCommonPassword(password: string): Promise<void> {
  const check = { password, context: [], settings: {} }
  if (await isCommonPassword([password.normalize('NFKC')]))
    refuse(check, 'This password is on lists of leaked passwords.')
}

function refuse({ field = 'password' }: PasswordCheck, fault: string): never {
  const message = `${fault} ${ADVICE}`
  throw new AppError('invalid', message, { errors: [{ path: field, message }] })
}

async function isLeaked(file: string, password: string): Promise<boolean> {
  try {
    return await isInBreachFile(file, password)
  } catch {
    throw new AppError(
      'unavailable',
      'The list of leaked passwords can’t be read, so no password can be set now. Ask whoever runs the portal to look at BREACHED_PASSWORDS_FILE.',
    )
  }
}

const LEET: Record<string, string> = {
  '0': 'o',
  '1': 'i',
  '3': 'e',
  '4': 'a',
  '5': 's',
  '7': 't',
  '@': 'a',
  $: 's',
}
/** Digits and signs around a word are the first thing that guessing programs add. */
const MOST_TRIMMINGS = 6

/** The password itself, and the word that is left without trimmings and look-alike signs. */
function variantsOf(password: string): string[] {
  const core = password.replace(/^[^A-Za-z]+|[^A-Za-z]+$/g, '')
  const plain = password.replace(/[013457@$]/g, (sign) => LEET[sign] ?? sign)
  const plainCore = plain.replace(/^[^A-Za-z]+|[^A-Za-z]+$/g, '')
  const near = [core, plainCore].filter((word) => word && password.length - word.length <= MOST_TRIMMINGS)
  return [password, plain, ...near]
}

/** One short piece over and over, or characters that count up or down. */
function isPattern(password: string): boolean {
  if (/^(.{1,4})\1+.{0,3}$/su.test(password)) return true
  const steps = [...password].slice(1).map((sign, at) => sign.charCodeAt(0) - password.charCodeAt(at))
  const counting = steps.filter((step) => Math.abs(step) <= 1 || Math.abs(step) === 9).length
  return counting >= steps.length - 1
}

const LEAST_REST = 6

/** Whether fewer than six letters or digits are left without these names. */
function isMadeOf(password: string, names: string[]): boolean {
  let rest = letters(password)
  const words = names.flatMap((name) => [name, ...name.split(/[^\p{L}\p{N}]+/u)]).map(letters)
  const known = words.filter((word) => word.length >= 3).sort((a, b) => b.length - a.length)
  for (const word of known) rest = rest.replaceAll(word, '')
  return known.some((word) => letters(password).includes(word)) && rest.length < LEAST_REST
}

const letters = (text: string) =>
  text
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '')
