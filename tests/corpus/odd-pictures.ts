import { aac, both, moving, type OddFile, plays, sweep, vp9, x264, x265 } from './odd-file.ts'

/** Tags of BT.2020 with a curve, for the container and for x265. */
const tags = (curve: string) =>
  `-color_primaries bt2020 -color_trc ${curve} -colorspace bt2020nc -color_range tv`
const bits = (curve: string) =>
  `:colorprim=bt2020:transfer=${curve}:colormatrix=bt2020nc:range=limited:hdr10=1`
/** BT.709 pictures as a camera would write them with another curve, SDR's white at 203 cd/m². */
const curved = (curve: string) =>
  [
    ',scale=out_color_matrix=bt709:out_range=tv,format=yuv444p',
    'setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709',
    'zscale=t=linear:npl=203,format=gbrpf32le',
    `zscale=p=bt2020:t=${curve}:m=bt2020nc:r=limited:npl=203,format=yuv420p10le`,
  ].join(',')
const hdr = (curve: string, seconds = 5) => moving('640x360', 25, seconds, curved(curve))
const fields = (size: string) => moving(size, 50, 5, ',tinterlace=interleave_top,fieldorder=tff')
const small = (seconds = 3) => moving('320x180', 25, seconds)
const av1 = '-c:v libsvtav1 -preset 12'

/** Codecs, sizes, shapes and colours of pictures. */
export const ODD_PICTURES: OddFile[] = [
  plays('plain.mp4', both(), x264(), aac),
  plays('size-1279x719.webm', moving('1279x719'), sweep(), vp9, '-c:a libopus'),
  plays('size-2x2.webm', moving('2x2'), sweep(), vp9, '-c:a libopus'),
  plays('size-33x17.webm', moving('33x17'), sweep(), vp9, '-c:a libopus'),
  plays('size-1279x719-444.mp4', moving('1279x719'), x264('yuv444p')),
  plays('strip.mp4', moving('4096x16', 25, 2), x264()),
  plays('tower.webm', moving('16x2000', 25, 2), '-c:v libvpx -cpu-used 8 -deadline realtime'),
  plays('portrait.mp4', moving('360x640'), sweep(), x264(), aac),
  plays('anamorphic.mp4', moving('720x576', 25, 5, ',setsar=64/45'), sweep(), x264(), aac),
  plays('tall-sar.mp4', moving('640x360', 25, 3, ',setsar=1/2'), x264()),
  plays('wild-sar.mkv', moving('640x360', 25, 3, ',setsar=1000/1'), x264()),
  plays('h264-10bit.mp4', both(), x264('yuv420p10le'), aac),
  plays('h264-422.mp4', both(), x264('yuv422p'), aac),
  plays('h264-rgb.mkv', small(), '-c:v libx264rgb -preset ultrafast -pix_fmt rgb24'),
  plays('gray.mp4', small(), x264('gray')),
  plays('hevc-8bit.mp4', both(), x265(), aac),
  plays('hdr10.mp4', hdr('smpte2084'), sweep(), x265(bits('smpte2084')), tags('smpte2084'), aac),
  plays('hlg.mov', hdr('arib-std-b67'), sweep(), x265(bits('arib-std-b67')), tags('arib-std-b67'), aac),
  plays('bt2020-sdr.mkv', hdr('2020_10'), x265(bits('bt2020-10')), tags('bt2020-10')),
  plays('vp9-10bit-hdr.webm', hdr('smpte2084', 2), vp9, tags('smpte2084')),
  plays(
    'hdr-untagged-primaries.mkv',
    hdr('smpte2084', 2),
    '-c:v ffv1 -color_trc smpte2084 -color_primaries unknown -colorspace unknown',
  ),
  plays('av1.mp4', small(), sweep(3), av1, aac),
  plays('av1-opus.webm', small(), sweep(3), av1, '-c:a libopus'),
  plays('prores.mov', both(), '-c:v prores_ks -profile:v 2 -c:a pcm_s24le'),
  plays('prores4444.mov', small(), '-c:v prores_ks -profile:v 4 -pix_fmt yuva444p10le'),
  plays('dnxhr.mxf', both(3), '-c:v dnxhd -profile:v dnxhr_sq -pix_fmt yuv422p -c:a pcm_s16le'),
  plays('cineform.mov', moving('640x360', 25, 2), '-c:v cfhd -pix_fmt yuv422p10le'),
  plays('mpeg2.mpg', moving('720x576'), sweep(), '-c:v mpeg2video -b:v 4M -c:a mp2'),
  plays(
    'mpeg2-interlaced.ts',
    fields('720x576'),
    sweep(),
    '-c:v mpeg2video -flags +ilme+ildct -b:v 6M -c:a mp2',
  ),
  plays('h264-interlaced.mp4', fields('640x360'), sweep(), x264(), '-flags +ilme+ildct -x264opts tff=1', aac),
  plays('mpeg4-mp3.avi', both(), '-c:v mpeg4 -bf 2 -b:v 1M -c:a libmp3lame'),
  plays('dv.dv', moving('720x576'), sweep(), '-c:v dvvideo -pix_fmt yuv420p -c:a pcm_s16le'),
  plays('wmv.wmv', both(), '-c:v wmv2 -b:v 1M -c:a wmav2'),
  plays('flv.flv', moving(), sweep(5, 44100), '-c:v flv1 -b:v 1M -c:a libmp3lame'),
  plays('h263.3gp', moving('176x144', 15), sweep(5, 8000, 1), '-c:v h263 -c:a aac -b:a 24k'),
  plays('theora.ogv', both(), '-c:v libtheora -q:v 7 -c:a libvorbis'),
  plays('mjpeg-full.mov', both(), '-c:v mjpeg -q:v 3 -pix_fmt yuvj420p -c:a pcm_s16be'),
  plays(
    'full-range.mp4',
    moving('640x360', 25, 5, ',scale=out_range=pc'),
    sweep(),
    x264(),
    '-color_range pc',
    aac,
  ),
  plays(
    'untagged-601.mp4',
    moving('720x480', '30000/1001', 5, ',scale=out_color_matrix=bt601'),
    sweep(),
    x264(),
    aac,
  ),
  plays('rgb.mov', moving('320x180'), sweep(), '-c:v qtrle -pix_fmt rgb24 -c:a pcm_s16le'),
  plays('png-alpha.mov', small(), '-c:v png -pix_fmt rgba'),
  plays('ffv1-16bit.mkv', small(2), '-c:v ffv1 -pix_fmt gbrp16le'),
  plays('utvideo.avi', small(2), sweep(2), '-c:v utvideo -pix_fmt gbrp -c:a pcm_s16le'),
  plays('raw-video.avi', small(2), '-c:v rawvideo -pix_fmt bgr24'),
  plays('raw.y4m', moving('160x90', 25, 2), '-pix_fmt yuv420p'),
  plays('gif.gif', moving('200x150', 10, 3)),
]
