import { readFileSync } from 'node:fs'
import type { JWK } from 'jose'
import { expect, it } from 'vitest'
import { verifyJws } from '#engine/delivery/jws.ts'

type Group = {
  public?: JWK
  private?: JWK
  tests: { tcId: number; jws: string; result: 'valid' | 'invalid' }[]
}
const file = new URL('../../../tests/vectors/wycheproof/json_web_signature_test.json', import.meta.url)
const { testGroups } = JSON.parse(readFileSync(file, 'utf8')) as { testGroups: Group[] }

/**
 * 346, 347, 350 and 351 want a signature accepted under a key made for another algorithm; 367 and 370 are
 * called invalid although they are canonical; 372 and 373 want letters outside base64url skipped.
 */
const ODDITIES = [346, 347, 350, 351, 367, 370, 372, 373]

it("[ASVS-9.1.1, ASVS-9.1.2] judges Wycheproof's JWS vectors rightly, but for eight that ask for leniency", async () => {
  const wrong: number[] = []
  let judged = 0
  for (const group of testGroups) {
    const jwk = (group.public ?? group.private)!
    const algorithms = [jwk.alg ?? (jwk.kty === 'EC' ? 'ES256' : 'RS256')]
    for (const { tcId, jws, result } of group.tests) {
      const accepted = await verifyJws(jws, jwk, algorithms).then(
        () => true,
        () => false,
      )
      judged += 1
      if (accepted !== (result === 'valid')) wrong.push(tcId)
    }
  }
  expect(judged).toBe(401)
  expect(wrong).toEqual(ODDITIES)
})
