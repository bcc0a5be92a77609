import { afterAll, beforeAll, expect, it } from 'vitest'
import { createShare } from '#portal/modules/sharing/create-share.ts'
import { createTestApp, type TestApp } from '../../../tests/support/test-app.ts'
import { serveTestApp } from '../../../tests/support/test-http.ts'

let t: TestApp
beforeAll(async () => {
  t = await createTestApp({ TRUST_PROXY: '2' })
})
afterAll(async () => await t?.stop())

it('[IDN-02] a link for some countries opens by the address that the outermost trusted proxy saw', async () => {
  const http = await serveTestApp(t)
  const agency = await t.person('agency')
  const input = { videoId: await t.video(agency), access: 'link', countries: ['AU'] }
  const share = await t.app.call(createShare, input, t.app.newContext(agency))
  const { token } = share as { token: string }
  const look = async (hops: string) =>
    (await http.send('GET', `/api/share/${token}`, { headers: { 'x-forwarded-for': hops } })).status
  expect(await look('139.130.4.5, 10.0.0.7')).toBe(200)
  expect(await look('2001:8000::1, 10.0.0.7')).toBe(200)
  expect(await look('194.25.0.60, 10.0.0.7')).toBe(403)
  expect(await look('192.168.1.1, 10.0.0.7')).toBe(403)
  // What the caller wrote there itself is believed by nobody.
  expect(await look('139.130.4.5, 194.25.0.60, 10.0.0.7')).toBe(403)
  await http.stop()
})

it('a link for some countries cannot be made where nothing tells them', async () => {
  const off = await createTestApp({ COUNTRY_DATABASE: 'off' })
  const agency = await off.person('agency')
  const input = { videoId: await off.video(agency), access: 'link', countries: ['AU'] }
  await expect(off.app.call(createShare, input, off.app.newContext(agency))).rejects.toThrow(
    /COUNTRY_DATABASE/,
  )
  await off.stop()
})
