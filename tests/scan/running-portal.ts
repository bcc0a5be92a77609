import { startStack } from '../support/stack.ts'

/** Works on the given portal, or on one started for it and ended after it. */
export async function withPortal<T>(
  url: string | undefined,
  work: (origin: string) => Promise<T>,
  env: Record<string, string> = {},
): Promise<T> {
  if (url) return await work(url.replace(/\/$/, ''))
  const stack = await startStack({ env: { LOG_LEVEL: 'warn', ...env } })
  try {
    return await work(stack.url)
  } finally {
    await stack.stop()
  }
}
