import { desc, lt } from 'drizzle-orm'
import { OUTBOX_PLACE, type OutboxMail } from '#portal/adapters/mail/port.ts'
import { unseal } from '#portal/platform/crypto.ts'
import { decodeCursor, encodeCursor, type Page, toPage } from '#portal/platform/cursor.ts'
import { AppError } from '#portal/platform/errors.ts'
import { read } from '#portal/platform/operation.ts'
import { listOutboxInput } from './inputs.ts'
import { mailOutbox } from './tables.ts'

export type OutboxView = OutboxMail & { id: string; createdAt: string }

/** Mails of the embedded outbox, newest first, opened. Empty where a mail service sends them. */
export const listOutbox = read({
  action: 'outbox.list',
  input: listOutboxInput,
  allow: { role: 'admin', groups: ['operations'] },
  async run({ db, input, keys }): Promise<Page<OutboxView>> {
    const from = input.cursor ? Number(decodeCursor(input.cursor).id) : Number.MAX_SAFE_INTEGER
    if (!Number.isSafeInteger(from)) throw new AppError('invalid', 'The cursor is not one of ours.')
    const rows = await db
      .select()
      .from(mailOutbox)
      .where(lt(mailOutbox.id, from))
      .orderBy(desc(mailOutbox.id))
      .limit(input.limit + 1)
    const views = rows.map((row) => ({
      id: String(row.id),
      createdAt: row.createdAt.toISOString(),
      ...(JSON.parse(unseal(keys.seal, row.sealed, OUTBOX_PLACE).toString()) as OutboxMail),
    }))
    return toPage(views, input.limit, (view) => encodeCursor(null, view.id))
  },
})
