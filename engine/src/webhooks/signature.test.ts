import Mux from '@mux/mux-node'
import { expect, it } from 'vitest'
import { signWebhook } from './signature.ts'

const { webhooks } = new Mux({ tokenId: 'id', tokenSecret: 'secret' })
const body = '{"type":"video.asset.ready"}'
const headers = (signature: string) => ({ 'mux-signature': signature })

it('[MUX-02] satisfies the SDK’s verifier, for the very body and secret only', async () => {
  const signature = signWebhook('secret', body, new Date())
  await expect(webhooks.verifySignature(body, headers(signature), 'secret')).resolves.not.toThrow()
  await expect(webhooks.verifySignature(`${body} `, headers(signature), 'secret')).rejects.toThrow()
  await expect(webhooks.verifySignature(body, headers(signature), 'other')).rejects.toThrow()
})

it('[MUX-02] goes stale after 300 seconds', async () => {
  const aged = (seconds: number) => signWebhook('secret', body, new Date(Date.now() - seconds * 1000))
  await expect(webhooks.verifySignature(body, headers(aged(290)), 'secret')).resolves.not.toThrow()
  await expect(webhooks.verifySignature(body, headers(aged(310)), 'secret')).rejects.toThrow(/too old/)
})
