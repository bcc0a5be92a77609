import { randomInt } from 'node:crypto'
import { and, eq, gt, lt, sql } from 'drizzle-orm'
import { enqueueMail } from '#portal/modules/notifications/enqueue-mail.ts'
import { equalInConstantTime, keyedHash } from '#portal/platform/crypto.ts'
import type { Tx } from '#portal/platform/db.ts'
import type { Keys } from '#portal/platform/keys.ts'
import type { VerbScope } from '#portal/platform/operation.ts'
import type { ViewerRow } from './load-share.ts'
import { viewerCodes } from './tables.ts'

const CODE_MINUTES = 10
const MAX_ATTEMPTS = 5

/** Makes a six-digit code for this viewer session; the mail goes out only where `mail` says so. */
export async function sendCode(
  scope: Pick<VerbScope<unknown>, 'tx' | 'ctx' | 'keys' | 'enqueue'>,
  order: { viewerId: string; email: string },
  mail: boolean,
): Promise<void> {
  const { tx, ctx, keys } = scope
  const { viewerId, email } = order
  const code = String(randomInt(1_000_000)).padStart(6, '0')
  const row = {
    emailHash: keyedHash(keys.hash, 'viewer-email', email),
    codeHash: codeHash(keys, viewerId, code),
    expiresAt: new Date(ctx.now.getTime() + CODE_MINUTES * 60_000),
    attempts: 0,
  }
  await tx
    .insert(viewerCodes)
    .values({ viewerSessionId: viewerId, ...row })
    .onConflictDoUpdate({ target: viewerCodes.viewerSessionId, set: row })
  if (mail) {
    const values = { code, minutes: CODE_MINUTES }
    await enqueueMail(scope, {
      to: email,
      template: 'viewer-code',
      values,
      idempotencyKey: ctx.newId('mail'),
    })
  }
}

/** Spends one attempt; a right code is used up by it. Five wrong ones end the code. */
export async function checkCode(
  tx: Tx,
  keys: Keys,
  viewer: ViewerRow,
  code: string,
  now: Date,
): Promise<boolean> {
  const [row] = await tx
    .update(viewerCodes)
    .set({ attempts: sql`${viewerCodes.attempts} + 1` })
    .where(
      and(
        eq(viewerCodes.viewerSessionId, viewer.id),
        gt(viewerCodes.expiresAt, now),
        lt(viewerCodes.attempts, MAX_ATTEMPTS),
      ),
    )
    .returning()
  const wanted = row?.codeHash ?? Buffer.alloc(32)
  const right = equalInConstantTime(wanted, codeHash(keys, viewer.id, code))
  if (!row || !right || !viewer.emailHash?.equals(row.emailHash)) return false
  await tx.delete(viewerCodes).where(eq(viewerCodes.viewerSessionId, viewer.id))
  return true
}

function codeHash(keys: Keys, viewerId: string, code: string): Buffer {
  return keyedHash(keys.hash, 'viewer-code', `${viewerId}:${code}`)
}
