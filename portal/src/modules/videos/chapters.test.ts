import { describe, expect, it } from 'vitest'
import { chaptersText, readChapters } from './rules.ts'

describe('chapters as an owner writes them', () => {
  it('reads minutes and hours, skips empty lines, and writes the same text back', () => {
    const text = '0:00 Opening\n\n1:30  Start block\r\n1:02:03 Finish'
    const read = readChapters(text, 4000)
    expect(read).toEqual({
      chapters: [
        { at: 0, title: 'Opening' },
        { at: 90, title: 'Start block' },
        { at: 3723, title: 'Finish' },
      ],
    })
    const again = chaptersText('chapters' in read ? read.chapters : [])
    expect(again).toBe('0:00 Opening\n1:30 Start block\n1:02:03 Finish')
    expect(readChapters(again, 4000)).toEqual(read)
  })

  it.each([
    ['Opening', 1],
    ['0:00 Opening\n0:61 Late', 2],
    ['0:00 Opening\n0:00 Again', 2],
    ['0:10 One\n0:05 Two', 2],
    ['0:00 Opening\n10:00 After the end', 2],
    ['1:60:00 No clock', 1],
    [`0:00 ${'x'.repeat(121)}`, 1],
  ])('says which line of %j is wrong', (text, line) => {
    expect(readChapters(text, 600)).toMatchObject({ line })
  })

  it('takes at most a hundred', () => {
    const text = Array.from(
      { length: 101 },
      (_, at) => `${Math.floor(at / 60)}:${String(at % 60).padStart(2, '0')} x`,
    )
    expect(readChapters(text.join('\n'), null)).toMatchObject({ line: 101 })
  })

  it('reads none from an empty text', () => {
    expect(readChapters(' \n', 10)).toEqual({ chapters: [] })
  })
})
