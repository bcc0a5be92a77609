import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  type ClipFolder,
  createClipFolder,
  H264,
  pictures,
  toolPaths,
} from '../../../tests/support/media-clips.ts'
import { readCaptions } from './captions/read-captions.ts'
import { writeVtt } from './captions/write-vtt.ts'
import { extractText } from './extract-text.ts'
import { probe } from './probe.ts'

const SRT =
  '1\n00:00:00,500 --> 00:00:01,500\n<i>Grüße</i> & more\n\n2\n00:00:01,000 --> 00:00:02,000\n{\\an8}over\n'
const VTT = 'WEBVTT\n\n00:00.500 --> 00:01.500 line:0 align:left\n<v Ann>one</v>\n'
const signal = new AbortController().signal
let clips: ClipFolder
let tools: { ffmpegPath: string; ffprobePath: string }

beforeAll(async () => {
  clips = await createClipFolder()
  tools = await toolPaths()
  await writeFile(join(clips.folder, 'in.srt'), SRT)
  await writeFile(join(clips.folder, 'in.vtt'), VTT)
})
afterAll(() => clips.remove())

async function texts(path: string) {
  const { subtitles } = await probe(path, { ...tools, signal, maxDurationSeconds: 60 })
  const bytes = await extractText({ ...tools, sourcePath: path, signal, deadlineMs: 60_000 }, subtitles)
  return bytes.map((text) => writeVtt(readCaptions(text, { languageCode: null, durationSeconds: 3 })))
}

const film = (name: string, inputs: string[], codecs: string[], offset: string[] = []) =>
  clips.make(name, [
    ...[...offset, ...pictures('160x90', 3)],
    ...inputs.flatMap((input) => [...offset, '-i', join(clips.folder, input)]),
    ...inputs.flatMap((_, index) => ['-map', `${index + 1}`]),
    ...['-map', '0', ...H264],
    ...codecs.flatMap((codec, index) => [`-c:s:${index}`, codec]),
  ])

it('takes every kind of text out in one pass, with overlaps, italics, places and letters as they were', async () => {
  const path = await film('all.mkv', ['in.srt', 'in.srt', 'in.vtt'], ['srt', 'ass', 'copy'])
  const [srt, ass, vtt] = await texts(path)
  for (const text of [srt, ass])
    expect(text).toBe(
      'WEBVTT\n\n00:00:00.500 --> 00:00:01.500\n<i>Grüße</i> &amp; more\n\n00:00:01.000 --> 00:00:02.000 line:0\nover\n\n',
    )
  expect(vtt).toBe('WEBVTT\n\n00:00:00.500 --> 00:00:01.500 line:0 align:left\n<v Ann>one</v>\n\n')
})

it('takes mov_text out of an MP4', async () => {
  const [text] = await texts(await film('text.mp4', ['in.srt'], ['mov_text']))
  // The format knows no overlaps: the first ends where the second begins.
  expect(text).toContain('00:00:00.500 --> 00:00:01.000\n<i>Grüße</i> &amp; more\n')
  expect(text).toContain('00:00:01.000 --> 00:00:02.000\nover\n')
})

it('takes a track of closed captions (CEA-608) out of a MOV', async () => {
  // Pop-on: erase, load, row 15, "Hello", show; a second later erase.
  const scc = [
    'Scenarist_SCC V1.0',
    '00:00:01:00\t9420 9420 94ae 94ae 9470 9470 c8e5 ecec ef80 942f 942f',
    '00:00:02:00\t942c 942c',
  ].join('\n\n')
  await writeFile(join(clips.folder, 'in.scc'), scc)
  const path = await film('captions.mov', ['in.scc'], ['copy'])
  expect(await texts(path)).toEqual([
    expect.stringMatching(/^WEBVTT\n\n00:00:0(1\.0|0\.9)\d+ --> 00:00:0(2\.0|1\.9)\d+\nHello\n\n$/),
  ])
})

it('counts from where the file begins', async () => {
  const [text] = await texts(await film('late.mkv', ['in.srt'], ['srt'], ['-itsoffset', '7']))
  expect(text).toContain('00:00:00.500 --> 00:00:01.500\n')
})

it('[ASVS-5.2.1] takes no more of one cue than all captions of a video may have', async () => {
  const long = `WEBVTT\n\n00:00.500 --> 00:01.500\n${'word '.repeat(5_000_000)}\n`
  await writeFile(join(clips.folder, 'long.vtt'), long)
  const path = await film('long.mkv', ['long.vtt'], ['copy'])
  await expect(texts(path)).rejects.toMatchObject({ code: 'hostile' })
})
