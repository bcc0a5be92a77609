import { aac, both, moving, type OddFile, plays, sweep, x264, x265 } from './odd-file.ts'

const irregular = moving('640x360', 30, 8, ",select='not(mod(n\\,3))+gt(mod(n\\,90)\\,50)'")
const broken = moving('640x360', 25, 9, ",select='lt(t\\,3)+gt(t\\,6)'")

/** Rates, gaps, beginnings and ends. */
export const ODD_TIMES: OddFile[] = [
  plays('fps-1.mp4', moving('320x180', 1, 12), sweep(12), x264(), aac),
  plays('fps-tenth.mp4', moving('320x180', '1/10', 40), sweep(40), x264(), aac),
  plays('fps-120.mp4', moving('640x360', 120), sweep(), x264(), aac),
  plays('fps-59.94.mp4', moving('640x360', '60000/1001'), sweep(), x264(), aac),
  plays('fps-23.976.mkv', moving('640x360', '24000/1001', 9), sweep(9), x264(), aac),
  plays('vfr.mkv', irregular, sweep(8), '-fps_mode vfr', x264(), aac),
  plays('vfr-hevc.mp4', irregular, sweep(8), '-fps_mode vfr', x265(), aac),
  plays('gap.mkv', broken, sweep(9), '-fps_mode vfr', x264(), aac),
  plays(
    'gap-both.mkv',
    broken,
    sweep(9),
    "-af aselect='lt(t\\,3)+gt(t\\,6)' -fps_mode vfr",
    x264(),
    '-c:a pcm_s16le',
  ),
  plays('open-gop.mkv', both(9), x264(), '-x264opts open-gop=1 -g 30', aac),
  plays('one-keyframe.mp4', moving('320x180', 25, 40), sweep(40), x264(), '-g 9999 -sc_threshold 0', aac),
  plays('one-picture.mp4', moving('640x360', 25, 0.04), x264()),
  plays('one-picture-sound.mp4', moving('640x360', 25, 0.04), sweep(6), x264(), aac),
  plays('two-pictures.mov', moving('640x360', 25, 0.08), '-c:v prores_ks'),
  plays('sound-longer.mp4', moving('640x360', 25, 4), sweep(9), x264(), aac),
  plays('sound-longer-hevc.mkv', moving('640x360', 25, 4), sweep(9), x265(), aac),
  plays('picture-longer.mp4', moving('640x360', 25, 9), sweep(4), x264(), aac),
  plays('sound-late.mp4', moving('640x360', 25, 6), '-itsoffset 1.5', sweep(4.5), x264(), aac),
  plays('picture-late.mkv', '-itsoffset 1.5', moving('640x360', 25, 4.5), sweep(6), x264(), aac),
  plays('picture-late-hevc.mkv', '-itsoffset 1.5', moving('640x360', 25, 4.5), sweep(6), x265(), aac),
  plays('start-3600.ts', both(), x264(), aac, '-output_ts_offset 3600'),
  plays('start-90.mkv', both(), x264(), aac, '-output_ts_offset 90 -avoid_negative_ts disabled'),
  // 33 bits at 90 kHz end at 95,443.7 s.
  plays('wrap.ts', both(8), x264(), aac, '-output_ts_offset 95440'),
  plays('wrap-mpeg2.ts', both(8), '-c:v mpeg2video -b:v 3M -c:a mp2 -output_ts_offset 95440'),
  plays('small.ts', moving('320x240', 25, 4), sweep(4), x264(), aac, '-output_ts_offset 5'),
]
