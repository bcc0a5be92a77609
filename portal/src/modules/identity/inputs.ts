import { z } from 'zod'
import { ROLES } from '#portal/platform/context.ts'

export const emailAddress = z
  .string()
  .trim()
  .toLowerCase()
  .max(254, 'is longer than an e-mail address can be')
  .meta({ format: 'email' })
  .pipe(z.email('is not an e-mail address'))

export const newPassword = z
  .string()
  .min(12, 'must have at least 12 characters')
  .max(256, 'must have at most 256 characters')

/** Line breaks, other control characters, and what turns the direction of the text around it: names stand within mails. */
const UNPRINTABLE = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]+/gu
/** What nobody sees: two names that look alike would be two, and one could look like none. Joiners of scripts stay. */
const UNSEEN =
  /[\u00ad\u180e\u200b\u200e\u200f\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0\u{e0000}-\u{e007f}]+/gu

export const personName = z
  .string()
  .trim()
  .min(1, 'is missing')
  .max(120, 'must have at most 120 characters')
  .transform((name) => name.replace(UNPRINTABLE, ' ').replace(UNSEEN, '').trim())
  .pipe(z.string().min(1, 'is missing'))

export const inviteUserInput = z.strictObject({
  email: emailAddress,
  role: z.enum(ROLES).default('agency'),
  /** Name of the organisation the person joins; made if it does not exist. Administrators join the inviter's. */
  organisation: personName.optional(),
})

export const acceptInvitationInput = z.strictObject({
  token: z.string().max(200),
  name: personName,
  password: newPassword,
})

export const createUserInput = z.strictObject({
  email: emailAddress,
  name: personName,
  password: newPassword,
  role: z.enum(ROLES),
  organisation: personName,
})

export const pageInput = z.strictObject({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(100).default(50),
})

/** Six digits of an authenticator app, or a recovery code. */
export const secondFactorInput = z.strictObject({ code: z.string().trim().min(6, 'has six digits').max(40) })

/** What a person signs in with: their password, and the code of their authenticator where they have one. */
export const confirmIdentityInput = z.strictObject({
  password: z.string().min(1, 'is missing').max(256).optional(),
  code: z.string().trim().min(6, 'has six digits').max(40).optional(),
})

export const resetSecondFactorInput = z.strictObject({
  id: z.string().max(60),
  /** Why; kept in the audit log. */
  reason: z.string().trim().min(3, 'must say why').max(500),
})

export const renameAccountInput = z.strictObject({ name: personName })

export const endSessionInput = z.strictObject({ id: z.string().max(60) })

const sixDigits = z
  .string()
  .trim()
  .regex(/^\d{6}$/, 'has six digits')

export const addressInput = z.strictObject({ email: emailAddress })

export const redeemCodeInput = z.strictObject({ id: z.string().max(60), code: sixDigits })

export const changePasswordInput = z.strictObject({
  currentPassword: z.string().max(256),
  newPassword,
  /** Ends every session but this one. */
  endOthers: z.boolean().default(true),
})

export const resetPasswordInput = z.strictObject({ token: z.string().max(200), password: newPassword })

export const confirmEmailInput = z.strictObject({
  id: z.string().max(60),
  newCode: sixDigits,
  presentCode: sixDigits,
})

export const passkeyInput = z.strictObject({ id: z.string().max(60) })

export const renamePasskeyInput = z.strictObject({
  id: z.string().max(60),
  name: z.string().trim().min(1, 'is missing').max(60, 'must have at most 60 characters'),
})
