import type { Rung } from '#engine/media/plan.ts'
import type { VideoInfo } from '#engine/media/read-probe.ts'

// Primaries and transfer that SDR players know; what is wider is converted to BT.709.
const SDR_PRIMARIES = new Set(['bt709', 'smpte170m', 'bt470bg', 'bt470m', 'smpte240m'])
const SDR_TRANSFERS = new Set(['bt709', 'smpte170m', 'bt470bg', 'bt470m', 'smpte240m', 'iec61966-2-1'])

/**
 * The filter graph that turns the decoded source into one picture stream for each rung, labelled [v0], [v1], …:
 * deinterlaced, square pixels, 8-bit 4:2:0, SDR, limited range. Everything is done once at the tallest size,
 * then scaled down. ffmpeg itself turns the picture upright before the graph.
 */
export function filterGraph(video: VideoInfo, rungs: Rung[]): string {
  const top = rungs.reduce((tallest, rung) => (rung.height > tallest.height ? rung : tallest))
  const chain = [
    ...(video.interlaced ? ['bwdif=mode=send_frame'] : []),
    ...(top.frameRateCap ? [`fps=${top.frameRateCap}`] : []),
    ...(video.hdr || isWideGamut(video) ? toBt709(video, top) : scaleSdr(video, top)),
    'setsar=1',
    colourTags(video),
  ]
  const outs = rungs.map((_, index) => `[s${index}]`).join('')
  const branches = rungs.map((rung, index) => {
    const same = rung.width === top.width && rung.height === top.height
    return `[s${index}]${same ? 'null' : `scale=${rung.width}:${rung.height}:flags=bicubic,setsar=1`}[v${index}]`
  })
  return [`[0:${video.index}]${chain.join(',')},split=${rungs.length}${outs}`, ...branches].join(';')
}

const isWideGamut = (video: VideoInfo) =>
  video.colour.primaries === 'bt2020' || video.colour.matrix.startsWith('bt2020')

/** Untagged pictures are read as players would read them: BT.709 from 720 lines on, BT.601 below. */
function scaleSdr(video: VideoInfo, size: Rung): string[] {
  const rgb = /rgb|gbr|bgr|pal8/.test(video.pixelFormat)
  const guess = Math.min(video.codedWidth, video.codedHeight) >= 720 ? 'bt709' : 'smpte170m'
  const from = video.colour.matrix || rgb ? '' : `:in_color_matrix=${guess}`
  return [
    `scale=${size.width}:${size.height}:flags=bicubic+accurate_rnd+full_chroma_int${from}:out_color_matrix=bt709:out_range=tv`,
    'format=yuv420p',
  ]
}

/**
 * HDR10 and HLG (Dolby Vision's base layer too) to SDR: scaled first, as the rest costs by the pixel, then
 * to linear light, BT.709 primaries, tone-mapped, and back.
 */
function toBt709(video: VideoInfo, size: Rung): string[] {
  const { transfer, matrix, primaries, range } = video.colour
  const from = [
    `tin=${transfer && transfer !== 'bt2020-12' ? transfer : video.hdr ? transfer : 'bt2020-10'}`,
    `min=${matrix.startsWith('bt2020') || !matrix ? 'bt2020nc' : matrix}`,
    `pin=${primaries || 'bt2020'}`,
    `rin=${range === 'pc' ? 'full' : 'limited'}`,
  ].join(':')
  const tone = video.hdr ? ['tonemap=tonemap=hable:desat=0'] : []
  return [
    `zscale=w=${size.width}:h=${size.height}:filter=bicubic:${from}:t=linear:npl=100`,
    ...['format=gbrpf32le', 'zscale=p=bt709', ...tone, 'zscale=t=bt709:m=bt709:r=limited', 'format=yuv420p'],
  ]
}

function colourTags(video: VideoInfo): string {
  const { primaries, transfer } = video.colour
  const keep = !video.hdr && !isWideGamut(video)
  const p = keep && SDR_PRIMARIES.has(primaries) ? primaries : 'bt709'
  const t = keep && SDR_TRANSFERS.has(transfer) ? transfer : 'bt709'
  return `setparams=range=tv:colorspace=bt709:color_primaries=${p}:color_trc=${t}`
}
