import type { Rung } from '#engine/media/plan.ts'
import type { VideoInfo } from '#engine/media/read-probe.ts'

/**
 * The filter graph that turns the decoded source into one picture stream for each rung, labelled [v0], [v1], …:
 * deinterlaced, square pixels, 8-bit 4:2:0, BT.709 all through, limited range. Everything is done once at the
 * tallest size, then scaled down. ffmpeg itself turns the picture upright before the graph. `holdSeconds`: by how
 * much the first picture is shown earlier, where sound begins before it.
 */
export function filterGraph(video: VideoInfo, rungs: Rung[], holdSeconds = 0): string {
  const top = rungs.reduce((tallest, rung) => (rung.height > tallest.height ? rung : tallest))
  const chain = [
    ...heldFirst(holdSeconds),
    ...(video.interlaced ? ['bwdif=mode=send_frame'] : []),
    ...(top.frameRateCap ? [`fps=${top.frameRateCap}`] : []),
    ...(video.hdr
      ? toneMapped(video, top)
      : hasOtherPrimaries(video)
        ? toBt709(video, top)
        : scaled(video, top)),
    'setsar=1',
    'setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709',
  ]
  const outs = rungs.map((_, index) => `[s${index}]`).join('')
  const branches = rungs.map((rung, index) => {
    const same = rung.width === top.width && rung.height === top.height
    return `[s${index}]${same ? 'null' : `scale=${rung.width}:${rung.height}:flags=bicubic,setsar=1`}[v${index}]`
  })
  return [`[0:${video.index}]${chain.join(',')},split=${rungs.length}${outs}`, ...branches].join(';')
}

const heldFirst = (seconds: number) =>
  seconds > 0 ? [`setpts='if(eq(N,0),PTS-${seconds.toFixed(6)}/TB,PTS)'`] : []

const isRgb = (video: VideoInfo) => /rgb|gbr|bgr|pal8/.test(video.pixelFormat)

/** Untagged pictures are read as players would read them: BT.709 from 720 lines on, BT.601 below. */
const guessedMatrix = (video: VideoInfo) =>
  Math.min(video.codedWidth, video.codedHeight) >= 720 ? 'bt709' : 'smpte170m'

function scaled(video: VideoInfo, size: Rung): string[] {
  const from = video.colour.matrix || isRgb(video) ? '' : `:in_color_matrix=${guessedMatrix(video)}`
  return [
    `scale=${size.width}:${size.height}:flags=bicubic+accurate_rnd+full_chroma_int${from}:out_color_matrix=bt709:out_range=tv`,
    'format=yuv420p',
  ]
}

// What zimg can convert from. Anything else in a file is a slip, and would end the whole run.
const PRIMARIES = new Set([
  ...['bt709', 'bt470m', 'bt470bg', 'smpte170m', 'smpte240m', 'film', 'bt2020', 'smpte428', 'smpte431'],
  'smpte432',
])
const MATRICES = new Set(['bt709', 'fcc', 'bt470bg', 'smpte170m', 'smpte240m', 'bt2020nc'])
const TRANSFERS = new Set([
  ...['bt709', 'smpte170m', 'smpte240m', 'bt2020-10', 'bt2020-12', 'iec61966-2-1', 'linear', 'log100'],
  ...['gamma22', 'gamma28', 'smpte2084', 'arib-std-b67'],
])

const hasOtherPrimaries = ({ colour }: VideoInfo) =>
  colour.primaries !== 'bt709' && (PRIMARIES.has(colour.primaries) || colour.matrix.startsWith('bt2020'))

/** SDR of other primaries, as BT.2020 and Display P3: the same colours in BT.709, what lies outside is clipped. */
function toBt709(video: VideoInfo, size: Rung): string[] {
  return [
    ...described(video, { matrix: guessedMatrix(video), transfer: 'bt709' }),
    `zscale=w=${size.width}:h=${size.height}:filter=bicubic:p=bt709:t=bt709:m=bt709:r=limited`,
    'format=yuv420p',
  ]
}

/** HDR reference white, cd/m² (ITU-R BT.2408): what SDR shows as white. */
const WHITE = 203
// Graded peaks are 1,000 cd/m² most often; up to half of white nothing is changed.
const PEAK = 1000 / WHITE
const KNEE = 0.5

/**
 * HDR10 and HLG (Dolby Vision's base layer too) to SDR: scaled first, as the rest costs by the pixel, then to
 * linear light where 1 is HDR's reference white, BT.709 primaries, highlights rolled off, and back.
 */
function toneMapped(video: VideoInfo, size: Rung): string[] {
  return [
    ...described(video, { matrix: 'bt2020nc', transfer: 'smpte2084' }),
    `zscale=w=${size.width}:h=${size.height}:filter=bicubic:t=linear:npl=${WHITE}`,
    ...['format=gbrpf32le', 'zscale=p=bt709'],
    `tonemap=mobius:param=${KNEE}:peak=${PEAK.toFixed(3)}:desat=0`,
    'zscale=t=bt709:m=bt709:r=limited:d=ordered',
    'format=yuv420p',
  ]
}

/** Gives every picture complete and sane tags: zscale refuses to convert what lacks one. */
function described(video: VideoInfo, guess: { matrix: string; transfer: string }): string[] {
  const { primaries, transfer, matrix, range } = video.colour
  const rgb = isRgb(video)
  const tags = [
    `range=${range === 'pc' || rgb || video.pixelFormat.startsWith('yuvj') ? 'pc' : 'tv'}`,
    `colorspace=${rgb ? 'gbr' : MATRICES.has(matrix) ? matrix : matrix.startsWith('bt2020') ? 'bt2020nc' : guess.matrix}`,
    `color_primaries=${PRIMARIES.has(primaries) ? primaries : 'bt2020'}`,
    `color_trc=${TRANSFERS.has(transfer) ? transfer : guess.transfer}`,
  ]
  return [...(rgb ? ['format=gbrp10le'] : []), `setparams=${tags.join(':')}`]
}
