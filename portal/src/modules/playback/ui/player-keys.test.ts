import { expect, test } from 'vitest'
import { actOfKey, nextSpeed } from './player-keys.ts'
import { reasonIn } from './stop-events.ts'

const press = (key: string, modifiers: Partial<KeyboardEvent> = {}) =>
  actOfKey({ key, ctrlKey: false, metaKey: false, altKey: false, ...modifiers })

test('the keys people know from other players work, in either case', () => {
  expect(press(' ')).toEqual({ act: 'toggle' })
  expect(press('K')).toEqual({ act: 'toggle' })
  expect(press('j')).toEqual({ act: 'seek', seconds: -10 })
  expect(press('L')).toEqual({ act: 'seek', seconds: 10 })
  expect(press('7')).toEqual({ act: 'jump', fraction: 0.7 })
  expect(press('?')).toEqual({ act: 'help' })
})

test("the browser's own shortcuts are left alone", () => {
  expect(press('f', { ctrlKey: true })).toBeNull()
  expect(press('l', { metaKey: true })).toBeNull()
  expect(press('q')).toBeNull()
})

test('speed goes in steps and stops at its ends', () => {
  expect([nextSpeed(1, 1), nextSpeed(1, -1), nextSpeed(2, 1), nextSpeed(0.25, -1)]).toEqual([
    1.25, 0.75, 2, 0.25,
  ])
})

test('only reasons that may be told are told', () => {
  expect(
    ['{"reason":"revoked"}', '{"reason":"expired"}', '{"reason":"secret"}', 'x', undefined].map(reasonIn),
  ).toEqual(['revoked', 'expired', 'refused', 'refused', 'refused'])
})
