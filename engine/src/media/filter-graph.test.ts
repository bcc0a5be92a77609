import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { filterGraph } from '#engine/media/filter-graph.ts'
import { readProbe } from '#engine/media/read-probe.ts'
import { type ClipFolder, createClipFolder, toolPaths } from '../../../tests/support/media-clips.ts'

const PATCHES = ['000000', '303030', '767676', 'bfbfbf', 'c03030', '30c030', '3030c0', 'c0c030', 'e0ac90']
const SIDE = 64
const SDR =
  'scale=out_color_matrix=bt709:out_range=tv,format=yuv444p10le,setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709'
/** Patches as a camera or grader would write them, with SDR's white at HDR's reference white of 203 cd/m². */
const hdr = (transfer: string) =>
  `${SDR},zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt2020:t=${transfer}:m=bt2020nc:r=limited:npl=203,format=yuv420p10le`

let clips: ClipFolder
let tools: Awaited<ReturnType<typeof toolPaths>>
beforeAll(async () => {
  clips = await createClipFolder()
  tools = await toolPaths()
})
afterAll(() => clips.remove())

async function patches(name: string, chain: string): Promise<string> {
  const inputs = PATCHES.flatMap((colour) => [
    ...['-f', 'lavfi', '-i', `color=0x${colour}:size=${SIDE}x${SIDE}:rate=5:duration=1,format=gbrp`],
  ])
  const graph = `hstack=inputs=${PATCHES.length},${chain}`
  return await clips.make(`${name}.mkv`, [...inputs, '-filter_complex', graph, '-c:v', 'ffv1'])
}

/** The patches' colours after the graph, as a player shows BT.709. */
function shown(path: string): { colours: number[][]; tags: string } {
  const show = ['-v', 'error', '-of', 'json', '-show_format', '-show_streams', '-show_packets', path]
  const video = readProbe(JSON.parse(execFileSync(tools.ffprobePath, show).toString())).video!
  const rung = {
    name: '64p',
    width: SIDE * PATCHES.length,
    height: SIDE,
    frameRateCap: null,
    maxBitRate: 1e6,
  }
  const graph = `${filterGraph(video, [rung])};[v0]showinfo,scale=in_color_matrix=bt709:in_range=tv,format=rgb24[rgb]`
  const args = ['-nostdin', '-y', '-i', path, '-filter_complex', graph, '-map', '[rgb]', '-frames:v', '1']
  const raw = execFileSync(tools.ffmpegPath, ['-v', 'error', ...args, '-f', 'rawvideo', '-'])
  const colours = PATCHES.map((_, index) => {
    const at = ((SIDE / 2) * rung.width + index * SIDE + SIDE / 2) * 3
    return [...raw.subarray(at, at + 3)]
  })
  return { colours, tags: graph.match(/setparams=[^;,]*/g)!.at(-1)! }
}

const cases = [
  ['HDR10', hdr('smpte2084')],
  ['HLG', hdr('arib-std-b67')],
  ['BT.2020 without HDR', hdr('2020_10')],
  ['Display P3', `${SDR},zscale=p=smpte432:t=bt709:m=bt709:r=limited,format=yuv420p10le`],
  ['BT.601', `${SDR},zscale=p=smpte170m:t=smpte170m:m=smpte170m:r=limited,format=yuv420p`],
  ['full range', `${SDR},zscale=r=full,format=yuv420p`],
  ['RGB', 'format=gbrp'],
] as const

it.each(cases)('shows %s in the colours that were meant, up to a bright grey', async (name, chain) => {
  const { colours, tags } = shown(await patches(name, chain))
  colours.forEach((colour, index) => {
    const meant = [...Buffer.from(PATCHES[index]!, 'hex')]
    const apart = colour.map((value, channel) => Math.abs(value - meant[channel]!))
    // Highlights are rolled off: what is close to white may be a little darker.
    const bright = Math.max(...meant) > 0xd0 && ['HDR10', 'HLG'].includes(name)
    expect(Math.max(...apart), `${PATCHES[index]} became ${colour}`).toBeLessThanOrEqual(bright ? 12 : 4)
  })
  expect(tags).toBe('setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709')
})

it('shows reference white bright, and leaves room for what is brighter', async () => {
  const bright = (peak: number) => hdr('smpte2084').replace('r=limited:npl=203', `r=limited:npl=${peak}`)
  const greys: number[] = []
  for (const peak of [203, 500, 1000]) {
    const { colours } = shown(await patches(`bright-${peak}`, `drawbox=color=white:t=fill,${bright(peak)}`))
    greys.push(colours[0]![0]!)
  }
  const [white, brighter, brightest] = greys
  expect(white).toBeGreaterThan(215)
  expect(brighter).toBeGreaterThan(white! + 8)
  expect(brightest).toBeGreaterThan(brighter! + 4)
  expect(brightest).toBeGreaterThan(250)
})

it.each([
  ['no tags beside the transfer', { primaries: '', matrix: '', range: '' }],
  ['tags that do not exist together', { primaries: 'jedec-p22', matrix: 'gbr', range: 'tv' }],
  ['constant luminance', { primaries: 'bt2020', matrix: 'bt2020c', range: 'tv' }],
])('converts HDR with %s', async (_, colour) => {
  const path = await patches('odd-tags', hdr('smpte2084'))
  const show = ['-v', 'error', '-of', 'json', '-show_format', '-show_streams', '-show_packets', path]
  const { video } = readProbe(JSON.parse(execFileSync(tools.ffprobePath, show).toString()))
  const rung = { name: '64p', width: 64, height: 64, frameRateCap: null, maxBitRate: 1e6 }
  const graph = filterGraph({ ...video!, colour: { ...video!.colour, ...colour } }, [rung])
  const args = ['-v', 'error', '-i', path, '-filter_complex', graph, '-map', '[v0]', '-f', 'null', '-']
  expect(execFileSync(tools.ffmpegPath, args, { timeout: 20_000 }).length).toBe(0)
})
