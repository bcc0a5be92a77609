import { bigint, pgTable } from 'drizzle-orm/pg-core'
import { bytea, instant } from '#portal/platform/columns.ts'

export const mailOutbox = pgTable('mail_outbox', {
  id: bigint('id', { mode: 'number' }).primaryKey().generatedAlwaysAsIdentity(),
  key: bytea('key').notNull(),
  sealed: bytea('sealed').notNull(),
  createdAt: instant('created_at').notNull(),
})
