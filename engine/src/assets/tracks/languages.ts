import { z } from 'zod'

const names = new Intl.DisplayNames(['en'], {
  type: 'language',
  fallback: 'none',
  languageDisplay: 'standard',
})

/** A well-formed BCP 47 tag in its canonical spelling (en-us becomes en-US). */
export const languageCodeInput = z
  .string({ error: 'is required: a BCP 47 language code such as en or en-US' })
  .max(35)
  .transform((code, check) => {
    const canonical = canonicalLanguage(code)
    if (canonical) return canonical
    check.addIssue({ code: 'custom', message: 'must be a BCP 47 language code such as en or en-US' })
    return z.NEVER
  })

/** Null if it is no BCP 47 tag. Three letters as containers have them become two where there are two: eng is en. */
export function canonicalLanguage(code: string): string | null {
  try {
    return Intl.getCanonicalLocales(code)[0] ?? null
  } catch {
    return null
  }
}

/** What people call it in English: en-US is "American English"; the code itself where it has no name. */
export function languageName(code: string): string {
  try {
    return names.of(code) ?? code
  } catch {
    return code
  }
}
