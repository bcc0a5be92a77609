import { readdirSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const VECTORS = fileURLToPath(new URL('../vectors/merkle/', import.meta.url))

type Vector = {
  desc: string
  wantErr: boolean
  root: string
  leafHash: string
  proof: string[] | null
} & Record<'leafIdx' | 'treeSize' | 'size1' | 'size2', number> &
  Record<'root1' | 'root2', string>

/** The proofs of transparency-dev/merkle, good ones and bad ones. */
export function merkleVectors(kind: 'inclusion' | 'consistency'): Vector[] {
  return readdirSync(`${VECTORS}${kind}`, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(`${VECTORS}${kind}/${name}`, 'utf8')))
}

export const bytesOfVector = (text: string): Buffer => Buffer.from(text, 'base64')
