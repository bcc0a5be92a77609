import { expect, it } from 'vitest'
import { personName } from './inputs.ts'

it('[E2E-08] a name is one line: it writes nothing else into the mails that it stands in', () => {
  expect(personName.parse('  Ann\r\nBcc: all@studio.example\r\n\r\nGo to ')).toBe(
    'Ann Bcc: all@studio.example Go to',
  )
  expect(personName.parse('Ann \u202enna')).toBe('Ann  nna')
  expect(personName.parse('Zoë 👩‍🎨')).toBe('Zoë 👩‍🎨')
  expect(() => personName.parse('\u0001\u0002')).toThrow('is missing')
})
