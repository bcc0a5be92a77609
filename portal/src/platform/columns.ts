import { customType, timestamp } from 'drizzle-orm/pg-core'

/** PostgreSQL bytea as a Buffer. */
export const bytea = customType<{ data: Buffer; driverData: Buffer }>({ dataType: () => 'bytea' })

/** An instant: timestamptz as a Date. */
export const instant = (name: string) => timestamp(name, { withTimezone: true })
