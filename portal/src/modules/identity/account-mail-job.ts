import { eq } from 'drizzle-orm'
import { z } from 'zod'
import { enqueueMail } from '#portal/modules/notifications/enqueue-mail.ts'
import { seal, unseal } from '#portal/platform/crypto.ts'
import { enqueue, job } from '#portal/platform/job.ts'
import type { Keys } from '#portal/platform/keys.ts'
import { CODE_MINUTES, LINK_MINUTES } from './account-proofs.ts'
import { isMember } from './identity-facts.ts'
import { users } from './tables.ts'

/** Names the place of what is sealed for the job. */
export const ACCOUNT_MAIL_BOX = 'account-mail'

const contents = z.strictObject({ kind: z.enum(['code', 'reset']), email: z.string(), secret: z.string() })

/** Seals what the job needs: the queue holds no address and no code in the clear. */
export function sealAccountMail(keys: Keys, proofId: string, mail: z.infer<typeof contents>): string {
  return seal(keys.seal, JSON.stringify(mail), `${ACCOUNT_MAIL_BOX}:${proofId}`).toString('base64')
}

/**
 * Mails a code or a link to whoever asked for it, if the address is a member's. Only here is that looked up: the
 * request itself does the same work for every address.
 */
export const mailAccountProof = job({
  name: 'identity.mail-proof',
  input: z.strictObject({ proofId: z.string(), sealed: z.base64() }),
  maxAttempts: 5,
  async run({ app, input }) {
    const box = Buffer.from(input.sealed, 'base64')
    const { kind, email, secret } = contents.parse(
      JSON.parse(unseal(app.keys.seal, box, `${ACCOUNT_MAIL_BOX}:${input.proofId}`).toString()),
    )
    const [person] = await app.db.select({ id: users.id }).from(users).where(eq(users.email, email))
    if (!person || !(await isMember(app.db, person.id))) return
    const addressed = { to: email, idempotencyKey: input.proofId }
    await app.db.transaction(async (tx) => {
      const scope: Parameters<typeof enqueueMail>[0] = {
        keys: app.keys,
        enqueue: (order, payload, options) => enqueue(tx, order, payload, options),
      }
      if (kind === 'code') {
        const values = { code: secret, minutes: CODE_MINUTES }
        return await enqueueMail(scope, { ...addressed, template: 'sign-in-code', values })
      }
      // The token stands in the fragment, which browsers never send: no log, no Referer ever holds it.
      const url = `${app.settings.PUBLIC_URL}/reset-password#${secret}`
      const values = { url, minutes: LINK_MINUTES }
      await enqueueMail(scope, { ...addressed, template: 'reset-password', values })
    })
  },
})
