export type TestResult = { title: string; tags: string[]; passed: boolean; message?: string }
export const REPORTS: string
export function readResults(report: 'vitest' | 'playwright', file: string): TestResult[] | null
