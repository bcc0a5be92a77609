import { expect, test } from 'vitest'
import {
  bytesInWords,
  clock,
  counted,
  dateInWords,
  durationInWords,
  initials,
  numberInWords,
} from './words.ts'

test('bytes carry a unit and no needless digits', () => {
  expect([0, 999, 1000, 4_200_000_000, 999_950_000, 12_345_678].map(bytesInWords)).toEqual([
    '0 B',
    '999 B',
    '1 kB',
    '4.2 GB',
    '1.0 GB',
    '12.3 MB',
  ])
})

test('a clock shows hours only when there are any', () => {
  expect([0, 72, 596, 3723, 59.6].map(clock)).toEqual(['00:00', '01:12', '09:56', '1:02:03', '01:00'])
})

test('durations are said as people say them', () => {
  expect([4, 80, 120, 725, 11_520, 7200, 400_000].map(durationInWords)).toEqual([
    '4 s',
    '1 min 20 s',
    '2 min',
    '12 min',
    '3 h 12 min',
    '2 h',
    '4 days',
  ])
})

test('counts agree with their noun', () => {
  expect([counted(1, 'video'), counted(0, 'share'), counted(2, 'address', 'addresses')]).toEqual([
    '1 video',
    '0 shares',
    '2 addresses',
  ])
  expect(numberInWords(18204)).toBe('18\u2009204')
})

test('dates are near or full', () => {
  const now = new Date(2026, 10, 21, 9, 0)
  expect(dateInWords(new Date(2026, 10, 21, 17, 0), now)).toBe('today, 5:00 pm')
  expect(dateInWords(new Date(2026, 10, 27, 17, 0), now)).toBe('27 Nov, 5:00 pm')
  expect(dateInWords(new Date(2027, 1, 3, 8, 0), now)).toBe('3 Feb 2027')
})

test('initials take the first and the last name', () => {
  expect(['Ana Duarte', 'Cher', 'José María de la Cruz', ''].map(initials)).toEqual(['AD', 'C', 'JC', ''])
})
