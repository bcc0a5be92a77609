export type Fault = { code: string; line?: number; message: string }

export type VerifyReport = {
  ok: boolean
  origin: string | null
  size: number
  /** Root over the entries that were read, base64. */
  root: string | null
  checkpoints: number
  pending: number
  actions: Record<string, { allowed: number; refused: number; failed: number }>
  proved: string[]
  notProved: string[]
  faults: Fault[]
}

export function verifyExport(
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  options: { vkeys: string[]; oldCheckpoint?: string },
): Promise<VerifyReport>

export function verifyReceipt(
  text: string,
  options: { vkeys: string[] },
): { ok: boolean; message: string; event: object | null; index: number | null; size: number | null }

export function readEvent(entry: string): object | null
export function describeReport(report: VerifyReport): string[]
