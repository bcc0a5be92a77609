export type Fault = { code: string; line?: number; message: string }

export type VerifyReport = {
  ok: boolean
  kind: 'export' | 'log' | 'receipt'
  origin: string | null
  size: number
  /** Root over the entries that were read, base64. */
  root: string | null
  checkpoints: number
  pending: number
  entries: { read: number; byHashAlone: number }
  /** Ranges of an export whose entries were purged; `to` is exclusive. */
  purged?: { from: number; to: number; reason: string }[]
  /** Those asked for who cosigned the head, and when (seconds since 1970). */
  witnesses: { name: string; time: number | null }[]
  actions: Record<string, { allowed: number; refused: number; failed: number }>
  proved: string[]
  notProved: string[]
  faults: Fault[]
}

export type ReceiptReport = VerifyReport & { message: string; event: object | null; index: number | null }

/** Whom to believe. */
export type TrustedKeys = {
  vkeys: string[]
  /** Keys that signed earlier heads; `KEY@SIZE` names the size of the last one. */
  retired?: string[]
  witnesses?: string[]
  /** How many of the witnesses must have cosigned; all, where it is left out. */
  threshold?: number
}

type Progress = { onProgress?: (text: string) => void }

export function verifyExport(
  chunks: AsyncIterable<Uint8Array | string> | Iterable<Uint8Array | string>,
  options: TrustedKeys & Progress & { oldCheckpoint?: string },
): Promise<VerifyReport>

/** Answers the bytes of a resource, or null where there is none. */
export type ReadPart = (path: string, limit: number) => Promise<Uint8Array | null>

export function verifyLog(
  read: ReadPart,
  options: TrustedKeys &
    Progress & {
      oldCheckpoint?: string
      origin?: string
      allowPurged?: boolean
      checkEntries?: boolean
      schema?: 'auto' | 'events' | 'any'
    },
): Promise<VerifyReport>

export function openLog(address: string, options?: { authorization?: string }): ReadPart

export function verifyReceipt(
  text: string,
  options: TrustedKeys & { entry?: Uint8Array; origin?: string },
): Promise<ReceiptReport>

export function verifyInclusion(claim: {
  index: number
  size: number
  leafHash: Uint8Array
  proof: Uint8Array[]
  root: Uint8Array
}): Promise<boolean>

export function verifyConsistency(claim: {
  size1: number
  size2: number
  root1: Uint8Array
  root2: Uint8Array
  proof: Uint8Array[]
}): Promise<boolean>

export function parseVkey(vkey: string): Promise<{ vkey: string; name: string; id: string }>
export function readEvent(entry: string): object | null
export function describeReport(report: VerifyReport): string[]
