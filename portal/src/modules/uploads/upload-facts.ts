import { QueryBuilder } from 'drizzle-orm/pg-core'
import { uploads } from './tables.ts'

/** Whose each upload is, for other modules to join on. PostgreSQL flattens it away. */
export const uploadOwners = new QueryBuilder()
  .select({ id: uploads.id, organisationId: uploads.organisationId })
  .from(uploads)
  .as('upload_owners')
