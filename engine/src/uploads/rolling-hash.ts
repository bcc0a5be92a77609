import { createHash, type Hash } from 'node:crypto'

type State = { hash: Hash; bytes: number }

/**
 * SHA-256 of uploads as they flow, so that the last byte need not wait for a second reading of the file.
 * The state lives in this process alone: after a restart, or a chunk taken by another process, the sum is simply
 * not known here and is computed from the file later.
 */
export type RollingHash = {
  /** Call for each piece, in file order; a piece that does not continue the known prefix ends the sum. */
  add(uploadId: string, position: number, piece: Buffer): void
  /** The sum of the first `bytes` bytes, if known. Forgets the upload. */
  finish(uploadId: string, bytes: number): Buffer | null
  forget(uploadId: string): void
}

export function createRollingHash(maxUploads = 1024): RollingHash {
  const states = new Map<string, State>()
  return {
    add(uploadId, position, piece) {
      let state = states.get(uploadId)
      if (!state && position === 0) {
        if (states.size >= maxUploads) states.delete(states.keys().next().value!)
        state = { hash: createHash('sha256'), bytes: 0 }
        states.set(uploadId, state)
      }
      if (!state) return
      if (state.bytes !== position) {
        states.delete(uploadId)
        return
      }
      state.hash.update(piece)
      state.bytes += piece.length
    },
    finish(uploadId, bytes) {
      const state = states.get(uploadId)
      states.delete(uploadId)
      return state?.bytes === bytes ? state.hash.digest() : null
    },
    forget(uploadId) {
      states.delete(uploadId)
    },
  }
}
