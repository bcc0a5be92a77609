import { createPrivateKey, generateKeyPairSync } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { openCheckpoint, signCheckpoint } from './checkpoint.ts'
import { EMPTY_ROOT, hashLeaf } from './merkle.ts'
import { createNoteSigner, openNote, parseVkey, signNote } from './note.ts'

const newSigner = (name = 'portal.example/audit') =>
  createNoteSigner(name, generateKeyPairSync('ed25519').privateKey)

// The example of golang.org/x/mod/sumdb/note, which the specification was written from.
const PETER_VKEY = 'PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW'
const PETER_NOTE = `If you think cryptography is the answer to your problem,
then you don't know what your problem is.

— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=
`

describe('signed notes', () => {
  test('[ALV-02] a note that another implementation signed opens', () => {
    expect(openNote(PETER_NOTE, [parseVkey(PETER_VKEY)])?.text).toContain("then you don't know")
  })

  test('[ALV-02] a known seed gives the public half that the other implementation gives', () => {
    const seed = Buffer.from('AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz', 'base64').subarray(1)
    const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed])
    const signer = createNoteSigner(
      'PeterNeumann',
      createPrivateKey({ key: der, format: 'der', type: 'pkcs8' }),
    )
    expect(signer.vkey).toBe(PETER_VKEY)
    expect(signNote(`${PETER_NOTE.split('\n\n')[0]}\n`, [signer])).toBe(PETER_NOTE)
  })

  test('any changed character closes the note', () => {
    const signer = newSigner()
    const note = signCheckpoint({ origin: 'portal.example/audit', size: 7, root: hashLeaf('x') }, [signer])
    fc.assert(
      fc.property(fc.nat(note.length - 1), fc.integer({ min: 1, max: 0x7e }), (at, code) => {
        const changed = note.slice(0, at) + String.fromCharCode(code) + note.slice(at + 1)
        fc.pre(changed !== note)
        expect(openCheckpoint(changed, 'portal.example/audit', [parseVkey(signer.vkey)])).toBeNull()
      }),
      { numRuns: 1000 },
    )
  })

  test('signatures of strangers are ignored, a wrong one of a known key is not', () => {
    const [ours, stranger] = [newSigner(), newSigner('witness.example')]
    const note = signNote('text\n', [stranger, ours])
    expect(openNote(note, [ours])?.signedBy.map(({ name }) => name)).toEqual(['portal.example/audit'])
    expect(openNote(note, [newSigner()])).toBeNull()
    const forged = signNote('text\n', [stranger]).replace('text', 'test')
    expect(openNote(`${forged}${note.split('\n').at(-2)}\n`, [stranger, ours])).toBeNull()
  })

  test.each([
    '',
    'portal.example',
    'a b+00000000+AA==',
    PETER_VKEY.replace('c74f', 'c74e'),
    `${PETER_VKEY}=`,
  ])('the verifier key %j is refused', (vkey) => {
    expect(() => parseVkey(vkey)).toThrow(TypeError)
  })

  test('a text that no note may hold is not signed', () => {
    for (const text of ['', '\n', 'no end', 'bell\u0007\n'])
      expect(() => signNote(text, [newSigner()])).toThrow(TypeError)
    expect(() => newSigner('two words')).toThrow(TypeError)
  })
})

describe('checkpoints', () => {
  test('[ALV-02] open as they were signed, for their origin alone', () => {
    const signer = newSigner()
    const checkpoint = { origin: 'portal.example/audit', size: 0, root: EMPTY_ROOT }
    const note = signCheckpoint(checkpoint, [signer])
    expect(openCheckpoint(note, 'portal.example/audit', [signer])).toEqual(checkpoint)
    expect(openCheckpoint(note, 'portal.example/other', [signer])).toBeNull()
  })

  test.each([
    'o\n01\nroot\n',
    'o\n1\n',
    'o\n-1\nroot\n',
    'o\n1e3\nroot\n',
    'o\n1\nAAAA\n',
    'o\n1\nroot\n\nmore\n',
  ])('the signed text %j is no checkpoint', (text) => {
    const signer = newSigner()
    const body = text.replace('root', EMPTY_ROOT.toString('base64'))
    expect(openCheckpoint(signNote(body, [signer]), 'o', [signer])).toBeNull()
  })
})
