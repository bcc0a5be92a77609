import { expect, it } from 'vitest'
import { answerFaults } from './openapi.ts'

const upload = { id: 'u', timeout: 3600, status: 'waiting', cors_origin: '*' }
const answer = (body: unknown, more = {}) =>
  answerFaults({
    method: 'GET',
    pathname: '/video/v1/uploads/u',
    status: 200,
    type: 'application/json; charset=utf-8',
    text: JSON.stringify(body),
    ...more,
  })
const asset = {
  id: 'a',
  created_at: '1700000000',
  status: 'ready',
  max_resolution_tier: '1080p',
  encoding_tier: 'smart',
  master_access: 'none',
  progress: { state: 'completed', progress: 100 },
}
const atAssets = { pathname: '/video/v1/assets/a' }
const refusal = { error: { type: 'not_found', messages: ['Gone.'] } }

it('[MUX-01] finds nothing in what the document describes', () => {
  expect(answer({ data: upload })).toEqual([])
  expect(answer({ data: asset }, atAssets)).toEqual([])
  expect(answer(refusal, { status: 404 })).toEqual([])
  expect(answerFaults({ method: 'DELETE', ...atAssets, status: 204, type: '', text: '' })).toEqual([])
  expect(answer(refusal, { pathname: '/video/v1/live-streams', status: 404 })).toEqual([])
})

it.each([
  ['a missing field', answer({ data: { ...upload, cors_origin: undefined } })],
  ['a field that does not exist', answer({ data: { ...upload, corsOrigin: '*' } })],
  ['a wrong type', answer({ data: { ...upload, timeout: '3600' } })],
  ['a number out of range', answer({ data: { ...upload, timeout: 59 } })],
  ['an unknown word', answer({ data: { ...upload, status: 'done' } })],
  ['a body without data', answer(upload)],
  ['a created_at that is a number', answer({ data: { ...asset, created_at: 1_700_000_000 } }, atAssets)],
  ['a created_at that is a date', answer({ data: { ...asset, created_at: '2026-11-01' } }, atAssets)],
  ['a status that is not documented', answer({ data: upload }, { status: 201 })],
  ['a refusal of another shape', answer({ message: 'no' }, { status: 404 })],
  ['a rate limit in the shape of other refusals', answer(refusal, { status: 429 })],
  ['another content type', answer({ data: upload }, { type: 'text/plain' })],
  ['no JSON', answer(null, { text: 'hello' })],
  ['an answer where nothing is documented', answer({ data: [] }, { pathname: '/video/v1/live-streams' })],
  ['a body with 204', answer({}, { ...atAssets, method: 'DELETE', status: 204 })],
  [
    'a playlist of another type',
    answer('', { pathname: `/${'a'.repeat(44)}.m3u8`, type: 'audio/x-mpegurl' }),
  ],
])('[MUX-01] finds %s', (_what, faults) => {
  expect(faults.length).toBeGreaterThan(0)
})
