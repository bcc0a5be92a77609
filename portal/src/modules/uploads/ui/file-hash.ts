import { sha256 } from '@noble/hashes/sha2.js'

/** Read at once, and hashed without a pause: three milliseconds of work on a small machine. */
const READ_BYTES = 4 * 1024 * 1024
const STEP_BYTES = 512 * 1024
/** As far as hashing may run ahead of what has been sent: a slow line is not worth a hot machine. */
const LEAD_BYTES = 64 * 1024 * 1024

type Scheduler = { scheduler?: { yield?(): Promise<void> } }

/** Lets the page do its own work between two pieces. */
function rest(): Promise<void> {
  const { scheduler } = globalThis as Scheduler
  return scheduler?.yield?.() ?? new Promise((resolve) => setTimeout(resolve))
}

const hexOf = (bytes: Uint8Array) => [...bytes].map((byte) => byte.toString(16).padStart(2, '0')).join('')

/**
 * SHA-256 of a file, computed beside its upload and always from the file itself, from its first byte on: also of what
 * an earlier visit or another device has sent already. In steps on the page's own thread (decision 031).
 */
export class FileHash {
  readonly #file: Blob
  readonly #sum: Promise<string>
  #mayReach: number
  #wake: () => void = () => {}
  #stopped = false

  constructor(file: Blob) {
    this.#file = file
    this.#mayReach = LEAD_BYTES
    this.#sum = this.#run()
    // Whoever wants the sum hears of a failure; until then it is nobody's.
    this.#sum.catch(() => {})
  }

  /** Says how much has been sent, so that the sum keeps pace. */
  follow(sentBytes: number): void {
    this.#mayReach = Math.max(this.#mayReach, sentBytes + LEAD_BYTES)
    this.#wake()
  }

  stop(): void {
    this.#stopped = true
    this.#wake()
  }

  /**
   * The sum of the whole file, hexadecimal, as soon as it is computed.
   * @throws DOMException where the file cannot be read any more
   */
  digest(): Promise<string> {
    this.follow(this.#file.size)
    return this.#sum
  }

  async #run(): Promise<string> {
    const hash = sha256.create()
    for (let at = 0; at < this.#file.size; at += READ_BYTES) {
      while (at >= this.#mayReach && !this.#stopped) {
        await new Promise<void>((resolve) => {
          this.#wake = resolve
        })
      }
      if (this.#stopped) throw new DOMException('The upload has ended.', 'AbortError')
      const piece = new Uint8Array(await this.#file.slice(at, at + READ_BYTES).arrayBuffer())
      for (let from = 0; from < piece.length; from += STEP_BYTES) {
        hash.update(piece.subarray(from, from + STEP_BYTES))
        await rest()
      }
    }
    return hexOf(hash.digest())
  }
}
