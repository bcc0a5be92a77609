import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MOST_CAPTION_BYTES, readCaptions } from './read-captions.ts'
import { transcriptOf, writeVtt } from './write-vtt.ts'

const read = (file: string | Buffer, durationSeconds: number | null = 60, languageCode = 'en') =>
  readCaptions(Buffer.isBuffer(file) ? file : Buffer.from(file), { durationSeconds, languageCode })
const vtt = (file: string | Buffer, durationSeconds: number | null = 60) =>
  writeVtt(read(file, durationSeconds))
const texts = (file: string | Buffer, languageCode = 'en') =>
  read(file, 60, languageCode).map(({ text }) => text)

const SRT = '1\n00:00:01,000 --> 00:00:02,500\nFirst\n\n2\n00:00:03,000 --> 00:00:04,000\nSecond\nline\n'
const NORMAL =
  'WEBVTT\n\n00:00:01.000 --> 00:00:02.500\nFirst\n\n00:00:03.000 --> 00:00:04.000\nSecond\nline\n\n'

describe('SubRip', () => {
  it('becomes WebVTT, whatever its line ends and mark', () => {
    expect(vtt(SRT)).toBe(NORMAL)
    expect(vtt(`\uFEFF${SRT.replaceAll('\n', '\r\n')}`)).toBe(NORMAL)
    expect(vtt(SRT.replaceAll('\n', '\r'))).toBe(NORMAL)
    expect(vtt(Buffer.from(`\uFEFF${SRT}`, 'utf16le'))).toBe(NORMAL)
    expect(vtt(Buffer.from(SRT, 'utf16le'))).toBe(NORMAL)
    expect(vtt(Buffer.from(`\uFEFF${SRT}`, 'utf16le').swap16())).toBe(NORMAL)
  })

  it('may lack numbers, hours, fractions and blank lines between cues', () => {
    const loose = '00:01.0 --> 0:02,5\nFirst\n00:00:03 --> 00:00:04\nSecond\n\nline'
    expect(vtt(loose)).toBe(NORMAL)
  })

  it('keeps numbers that are said, and drops numbers that count', () => {
    expect(texts('1\n0:01,0 --> 0:02,0\n42\n\n2\n0:03,0 --> 0:04,0\nHe said\n43\n')).toEqual([
      '42',
      'He said\n43',
    ])
  })

  it('keeps bold, italics, underline and the place; drops colours and pixels', () => {
    const styled =
      '1\n00:00:01,000 --> 00:00:02,000  X1:10 X2:20 Y1:30 Y2:40\n{\\an8}<I>up</I> <font color="#ff0000"><B>loud</B></font>\\Nnext<br/>last\n'
    expect(read(styled)).toEqual([
      { start: 1000, end: 2000, settings: ' line:0', text: '<i>up</i> <b>loud</b>\nnext\nlast' },
    ])
    expect(read('0:01,0 --> 0:02,0\n{\\an4\\i1}left')[0]).toMatchObject({ settings: ' line:50% align:left' })
  })

  it('[ASVS-1.1.1, ASVS-1.2.1] escapes what is no markup, and entities once', () => {
    expect(texts('0:01,0 --> 0:02,0\nAT&T <3 a --> b &amp; &lt;i&gt; &#65; <laughs>')).toEqual([
      'AT&amp;T &lt;3 a --&gt; b &amp; &lt;i&gt; A &lt;laughs&gt;',
    ])
  })

  it('closes what was left open, and ignores what was never opened', () => {
    expect(texts('0:01,0 --> 0:02,0\n<i>one\n<b>two</i> three</b>\n</u>')).toEqual([
      '<i>one\n<b>two</b></i> three',
    ])
    expect(texts('0:01,0 --> 0:02,0\n<i>\nword\n</i>')).toEqual(['<i>word</i>'])
  })
})

describe('encodings from before Unicode', () => {
  const cue = (text: Buffer) => Buffer.concat([Buffer.from('1\n00:00:01,000 --> 00:00:02,000\n'), text])
  it.each([
    ['fr', Buffer.from([0x63, 0x61, 0x66, 0xe9, 0x85]), 'café…'],
    ['pl', Buffer.from([0xbf, 0xf3, 0xb3, 0x77]), 'żółw'],
    ['ru-RU', Buffer.from([0xcf, 0xf0, 0xe8, 0xe2, 0xe5, 0xf2]), 'Привет'],
    ['el', Buffer.from([0xc3, 0xe5, 0xe9, 0xe1]), 'Γεια'],
    ['ja', Buffer.from([0x93, 0xfa, 0x96, 0x7b]), '日本'],
    ['zh-Hant-TW', Buffer.from([0xa4, 0xa4, 0xa4, 0xe5]), '中文'],
  ])('%s', (language, bytes, text) => {
    expect(texts(cue(bytes), language)).toEqual([text])
  })
  it('UTF-8 with a damaged byte stays UTF-8', () => {
    const damaged = Buffer.concat([
      Buffer.from('déjà vu été çà et là, ñandú àéîõü', 'utf8'),
      Buffer.from([0xc3]),
    ])
    expect(texts(cue(damaged))[0]).toBe('déjà vu été çà et là, ñandú àéîõü�')
  })
})

describe('WebVTT', () => {
  it('[ASVS-1.3.5] keeps cue settings, voices, classes and inner times; drops styles, regions, comments and identifiers', () => {
    const file = `WEBVTT - a title
X-TIMESTAMP-MAP=MPEGTS:900000,LOCAL:00:00:00.000

STYLE
::cue { background: url(https://elsewhere.example/) }

REGION
id:fred

NOTE 00:00:09.000 -> not a cue

intro
00:01.000 --> 00:02.500 region:fred align:middle line:-1 position:200% size:80%
<v.loud Fred & Co>Hi <00:01.500><c.yellow>you</c> <script>there</script></v> &lt;
`
    expect(vtt(file)).toBe(
      'WEBVTT\n\n00:00:01.000 --> 00:00:02.500 align:center line:-1 size:80%\n<v.loud Fred &amp; Co>Hi <00:01.500><c.yellow>you</c> there</v> &lt;\n\n',
    )
  })
  it('may have its first cue right after the header, and no cue at all', () => {
    expect(vtt('WEBVTT\n00:01.000 --> 00:02.000\nnow')).toContain('now')
    expect(vtt('WEBVTT\n')).toBe('WEBVTT\n\n')
  })
  it('is the same when read again', () => {
    const once = vtt(SRT.replace('First', '<i>A & B</i> < c'))
    expect(vtt(once)).toBe(once)
  })
})

describe('time', () => {
  it('sorts, keeps overlaps, drops repetitions and cues that end before they begin', () => {
    const mixed = [
      '0:05,0 --> 0:06,0\nlate\n',
      '0:01,0 --> 0:03,0\nearly\n',
      '0:02,0 --> 0:04,0\nover\n',
      '0:02,0 --> 0:04,0\nover\n',
      '0:03,0 --> 0:02,0\nnever\n',
    ].join('\n')
    expect(texts(mixed)).toEqual(['early', 'over', 'late'])
  })
  it('ends with the video', () => {
    expect(read(SRT, 3.5)).toMatchObject([{ end: 2500 }, { start: 3000, end: 3500 }])
    expect(read(SRT, 2)).toHaveLength(1)
    expect(() => read(SRT, 0.5)).toThrow('No cue of the file lies within the video.')
  })
})

describe('bad files', () => {
  it('says what is no caption file', () => {
    for (const file of ['', 'Dear diary, --> today', '<html></html>', '{"a":1}'])
      expect(() => read(file)).toThrow('The file holds no captions')
    expect(() => read(Buffer.alloc(MOST_CAPTION_BYTES + 1, 'a'))).toThrow('larger')
  })
  it('is bounded in depth, in cues at once and in length', () => {
    expect(texts(`0:01,0 --> 0:02,0\n${'<i>'.repeat(1000)}x`)[0]).toBe(
      `${'<i>'.repeat(8)}x${'</i>'.repeat(8)}`,
    )
    const crowd = Array.from({ length: 1000 }, (_, n) => `0:01,0 --> 0:09,0\nnumber ${n}\n`).join('\n')
    expect(texts(crowd)).toHaveLength(50)
    expect(texts(`0:01,0 --> 0:02,0\n${'y'.repeat(100_000)}`)[0]).toHaveLength(4000)
  })
  it('[ASVS-1.3.12] is read in time that grows with its size alone', () => {
    const nasty = [
      '<'.repeat(2e6),
      '&#'.repeat(1e6),
      '{\\'.repeat(1e6),
      '0:01 -'.repeat(3e5),
      `<v ${'x.'.repeat(1e6)}`,
    ]
    for (const text of nasty) {
      // The processor's time: the clock's goes on while others are served.
      const before = process.cpuUsage()
      expect(texts(`0:01,0 --> 0:02,0\n${text}`).length).toBeLessThanOrEqual(1)
      expect(process.cpuUsage(before).user).toBeLessThan(2_000_000)
    }
  })
})

it('[ASVS-1.1.2] whatever is sent, what comes out is safe, in order, and the same when read again', () => {
  const pieces = fc.constantFrom(
    ...[
      '1\n',
      '0:01,0 --> 0:02,0\n',
      '00:00:03.000 --> 00:00:09.000 line:0\n',
      '\n',
      '\n\n',
      'WEBVTT\n\n',
      'NOTE x\n',
    ],
    ...[
      '<i>',
      '</i>',
      '<v A>',
      '<',
      '>',
      '&',
      '&amp;',
      '-->',
      '{\\an8}',
      '<ruby>',
      '<rt>',
      '<00:00:01.000>',
      'text',
      '\0',
    ],
  )
  const file = fc.array(fc.oneof(pieces, fc.string()), { maxLength: 40 }).map((parts) => parts.join(''))
  fc.assert(
    fc.property(file, (given) => {
      let once: string
      try {
        once = vtt(given)
      } catch (error) {
        expect((error as Error).name).toBe('CaptionsError')
        return
      }
      const cues = read(once)
      expect(vtt(once)).toBe(once)
      for (const [index, cue] of cues.entries()) {
        expect(cue.start).toBeLessThan(cue.end)
        expect(cue.start).toBeGreaterThanOrEqual(cues[index - 1]?.start ?? 0)
        expect(cue.text).not.toMatch(/-->|\n\n|\0|<script/)
        expect((cue.text.match(/<[a-z]/g) ?? []).length).toBe((cue.text.match(/<\//g) ?? []).length)
      }
    }),
    { numRuns: 2000 },
  )
})

it('[MUX-01] a transcript says what is said', () => {
  expect(transcriptOf(vtt(SRT.replace('First', '<i>Tom & Jerry</i>')))).toBe('Tom & Jerry\nSecond\nline\n')
})
