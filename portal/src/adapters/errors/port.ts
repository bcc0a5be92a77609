/** Never throws: telling of an error must not cause another. Context is never personal, never secret. */
export type ErrorsPort = {
  report(error: unknown, context?: Record<string, string | number>): Promise<void>
  flush(): Promise<void>
}
