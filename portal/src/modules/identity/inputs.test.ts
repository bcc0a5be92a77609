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

it('[ASVS-2.2.1] a name holds nothing that nobody sees, and is something', () => {
  expect(personName.parse('\u200bAn\u00adn\u2060\u{e0041}')).toBe('Ann')
  expect(personName.parse('نیم\u200cفاصله')).toBe('نیم\u200cفاصله')
  for (const unseen of ['\u200b', '\u200e\u200f', '\ufeff', '\u3164', '\u{e0041}\u2060'])
    expect(() => personName.parse(unseen)).toThrow('is missing')
})
