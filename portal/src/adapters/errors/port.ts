/**
 * Never throws: telling of an error must not cause another. Context is never personal, never secret; `security` in it
 * names a security event, of which all of one kind and reason are one matter.
 */
export type ErrorsPort = {
  report(error: unknown, context?: Record<string, string | number>): Promise<void>
  flush(): Promise<void>
}
