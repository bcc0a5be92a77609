import Mux from '@mux/mux-node'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { signWebhook } from '../../../../tests/support/mux-webhooks.ts'
import { createMuxVideo, MUX_CLOUD } from './mux.ts'

const SECRET = 'a webhook secret that only two know'
const port = createMuxVideo({
  installation: 'this-portal',
  ...MUX_CLOUD,
  provider: 'mux',
  tokenId: 'i',
  tokenSecret: 's',
  webhookSecret: SECRET,
})
const body = JSON.stringify({
  id: '0b8d3f51-3e2c-4c5e-9f3a-2f8f3b1f7a10',
  type: 'video.asset.ready',
  created_at: '2026-11-20T10:00:00.000000Z',
  object: { type: 'asset', id: 'asset-1' },
  data: { id: 'asset-1', status: 'ready' },
})
const secondsFromNow = (seconds: number) => new Date(Date.now() + seconds * 1000)
const verify = (text: string, header: string | null) => port.verifyWebhook(text, header, new Date())
const hexOf = (header: string) => header.split('v1=')[1]!

describe('webhook signatures', () => {
  it('[MUX-02] a genuine one is read', async () => {
    expect(await verify(body, signWebhook(body, SECRET))).toMatchObject({
      id: '0b8d3f51-3e2c-4c5e-9f3a-2f8f3b1f7a10',
      type: 'video.asset.ready',
      objectType: 'asset',
      objectId: 'asset-1',
      createdAt: new Date('2026-11-20T10:00:00Z'),
    })
  })

  it('[MUX-02] any one of several signatures is enough, as while a secret is replaced', async () => {
    const right = signWebhook(body, SECRET)
    const wrong = hexOf(signWebhook(body, 'the secret before'))
    const [time, hex] = [right.split(',')[0], hexOf(right)]
    expect(await verify(body, `${time},v1=${wrong},v1=${hex}`)).not.toBeNull()
    expect(await verify(body, `${time},v0=${wrong},v1=${hex}`)).not.toBeNull()
    expect(await verify(body, `${time},v1=${wrong},v1=${wrong}`)).toBeNull()
  })

  it('[MUX-02] five minutes of difference are tolerated, in both directions, and no more', async () => {
    for (const seconds of [-295, 0, 295]) {
      expect(
        await verify(body, signWebhook(body, SECRET, secondsFromNow(seconds))),
        String(seconds),
      ).not.toBeNull()
    }
    for (const seconds of [-86_400, -302, 302, 3600, 86_400 * 365 * 50]) {
      expect(
        await verify(body, signWebhook(body, SECRET, secondsFromNow(seconds))),
        String(seconds),
      ).toBeNull()
    }
  })

  it('[MUX-02] headers in any other form are refused', async () => {
    const right = signWebhook(body, SECRET)
    const [time, v1] = right.split(',') as [string, string]
    const headers = [
      null,
      '',
      't=',
      time,
      v1,
      `${v1},${v1}`,
      `${time}x,${v1}`,
      `${time},${time},${v1}`,
      `t=NaN,${v1}`,
    ]
    const more = [
      `t=-1,${v1}`,
      `${time},v1=`,
      `${time},V1=${hexOf(right)}`,
      `${time},v1=${hexOf(right).toUpperCase()}`,
    ]
    const padded = `${time},${Array(2000).fill(v1).join(',')}`
    for (const header of [...headers, ...more, padded, `${time};${v1}`, `{"t":1}`]) {
      expect(await verify(body, header), String(header).slice(0, 60)).toBeNull()
    }
  })

  it('[MUX-02] every single change of body, time or signature is found', async () => {
    const header = signWebhook(body, SECRET)
    const change = (text: string, at: number, by: string) => text.slice(0, at) + by + text.slice(at + 1)
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('body', 'header'),
        fc.nat(),
        fc.string({ minLength: 1, maxLength: 1, unit: 'grapheme-ascii' }),
        async (where, position, by) => {
          const text = where === 'body' ? body : header
          const changed = change(text, position % text.length, by)
          fc.pre(changed !== text)
          const verdict = where === 'body' ? verify(changed, header) : verify(body, changed)
          expect(await verdict).toBeNull()
        },
      ),
      { numRuns: 500 },
    )
  })

  it('[MUX-02] a truncated, an extended and a re-encoded body are refused', async () => {
    const header = signWebhook(body, SECRET)
    for (const text of [
      body.slice(0, -1),
      `${body} `,
      `\uFEFF${body}`,
      JSON.stringify(JSON.parse(body), null, 2),
      '',
    ]) {
      expect(await verify(text, header)).toBeNull()
    }
  })

  it("[MUX-02] what passes here passes the SDK's own verifier, and what it refuses is refused here", async () => {
    const sdk = new Mux({ tokenId: 'i', tokenSecret: 's' })
    const right = signWebhook(body, SECRET)
    const stale = signWebhook(body, SECRET, secondsFromNow(-310))
    const forged = signWebhook(body, 'another secret')
    for (const header of [
      right,
      `${right},v1=${hexOf(forged)}`,
      stale,
      forged,
      't=1',
      'v1=1',
      `${right.slice(0, -1)}`,
    ]) {
      const theirs = sdk.webhooks.verifySignature(body, { 'mux-signature': header }, SECRET)
      const accepted = await theirs.then(
        () => true,
        () => false,
      )
      expect((await verify(body, header)) !== null, header).toBe(accepted)
    }
  })

  it('what is signed and still no event is told apart', async () => {
    for (const text of ['null', '[]', '"text"', '{}', '{"id":"1"}', 'not json', '{"id":1,"type":"t"}']) {
      await expect(verify(text, signWebhook(text, SECRET)), text).rejects.toMatchObject({ code: 'invalid' })
    }
  })
})
