/** Whether PostgreSQL has ended one of two transactions that waited for each other: this one may simply be repeated. */
export function isDeadlock(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ('code' in cause && cause.code === '40P01') return true
  return false
}

// SQLSTATE classes of data, integrity, conflicts and locks. 40003 itself says that it does not know.
const REFUSED = /^(?:22|23|40|55)[0-9A-Z]{3}$/

/**
 * Whether PostgreSQL has refused a statement for what it asked, so that nothing of it was done. A broken connection is
 * no such word, nor is its end by an administrator (57P01): both may come after the commit.
 */
export function isRefused(error: unknown): boolean {
  if (!(error instanceof Error) || !('code' in error)) return false
  return REFUSED.test(String(error.code)) && error.code !== '40003'
}
