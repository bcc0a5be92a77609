import { expect, it } from 'vitest'
import { authenticate } from './authenticate.ts'

const credentials = [
  { id: 'one', secret: 'first' },
  { id: 'two', secret: 'second:with:colons' },
]
const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`

it('[ASVS-13.2.1] tells which credential signed in', () => {
  expect(authenticate(basic('one:first'), credentials)).toBe('one')
  expect(authenticate(basic('two:second:with:colons'), credentials)).toBe('two')
  expect(authenticate(`basic ${Buffer.from('one:first').toString('base64')}`, credentials)).toBe('one')
})

it.each([
  undefined,
  '',
  'Basic',
  'Basic ',
  basic(''),
  basic(':'),
  basic('one:'),
  basic('one:second:with:colons'),
  basic('one:first '),
  basic('onefirst'),
  `Bearer ${Buffer.from('one:first').toString('base64')}`,
  `Basic ${'A'.repeat(2000)}`,
])('refuses %j', (header) => {
  expect(authenticate(header, credentials)).toBeNull()
})

it('lets nobody in where there are no credentials', () => {
  expect(authenticate(basic(':'), [])).toBeNull()
})
