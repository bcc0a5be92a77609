import { expect, it } from 'vitest'
import { AppError } from '../platform/errors.ts'
import { withPlace } from './command.ts'

const engine = {
  videoProvider: 'engine' as const,
  INTERNAL_URL: 'http://127.0.0.1:4000',
  MUX_BASE_URL: undefined,
}
const unreached = new AppError(
  'unavailable',
  "The video service can't be reached right now. Try again shortly.",
)

it('a command that does not reach the video service says where it looked, and by which setting', () => {
  expect(withPlace(unreached, engine)).toMatchObject({
    message: expect.stringMatching(/http:\/\/127\.0\.0\.1:4000, by PORT or INTERNAL_URL\./),
  })
  const cloud = { ...engine, videoProvider: 'mux' as const, MUX_BASE_URL: 'https://video.example' }
  expect(withPlace(unreached, cloud)).toMatchObject({
    message: expect.stringContaining('https://video.example, by MUX_BASE_URL'),
  })
})

it('other failures are told as they are', () => {
  const other = new AppError('unavailable', 'The identity service can’t be reached.')
  expect(withPlace(other, engine)).toBe(other)
  expect(withPlace(new AppError('not_found'), engine)).toMatchObject({ message: 'Not found' })
})
