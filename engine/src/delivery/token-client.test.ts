import { createHash } from 'node:crypto'
import { expect, it } from 'vitest'
import { isClient } from '#engine/delivery/token-client.ts'

const client = createHash('sha256').update('secret=of=this browser').digest('base64url')

it.each([
  ['viewer=secret=of=this browser', true],
  ['a=1; viewer=secret=of=this browser; b=2', true],
  ['viewer=another', false],
  ['secret=of=this browser', false],
  ['', false],
  [undefined, false],
])('[SPS-11] a request with the cookies %j comes from the browser of the token: %s', (cookies, expected) => {
  expect(isClient(client, cookies)).toBe(expected)
})
