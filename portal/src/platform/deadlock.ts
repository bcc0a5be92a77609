/** Whether PostgreSQL has ended one of two transactions that waited for each other: this one may simply be repeated. */
export function isDeadlock(error: unknown): boolean {
  for (let cause = error; cause instanceof Error; cause = cause.cause)
    if ('code' in cause && cause.code === '40P01') return true
  return false
}
