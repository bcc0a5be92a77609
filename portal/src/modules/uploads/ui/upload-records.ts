import { HEAD_BYTES } from '../rules.ts'

/**
 * What a browser keeps of an upload that is not finished, so that it can go on after a reload. The upload's URL, a
 * secret, is not among it: the server gives it to its owner again.
 */
export type UploadRecord = {
  uploadId: string
  name: string
  /** bytes */
  size: number
  /** where the browser gives one: the file itself, to go on without asking for it */
  handle?: FileSystemFileHandle
}

export type RecordStore = {
  all(): Promise<UploadRecord[]>
  put(record: UploadRecord): Promise<void>
  remove(uploadId: string): Promise<void>
}

/** SHA-256 of a file's first MiB, hexadecimal: tells one recording from another of the same size. */
export async function headOf(file: Blob): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', await file.slice(0, HEAD_BYTES).arrayBuffer())
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, '0')).join('')
}

/** Whether a chosen file is the one that was begun, here or on another device; its name may have changed. */
export async function isSameFile(begun: { size: number; head: string | null }, file: Blob): Promise<boolean> {
  return file.size === begun.size && (begun.head === null || (await headOf(file)) === begun.head)
}
