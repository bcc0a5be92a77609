import { aac, both, moving, type OddFile, plays, sweep, x264 } from './odd-file.ts'

/** Sound alone, none, and of every shape. */
export const ODD_SOUNDS: OddFile[] = [
  plays('no-sound.mp4', moving(), x264()),
  plays('only-sound.mp3', sweep(9), '-c:a libmp3lame'),
  plays('only-sound.flac', sweep(9), '-c:a flac'),
  plays('only-sound.wav', sweep(9, 44100)),
  plays('only-sound.ogg', sweep(9), '-c:a libvorbis'),
  plays('only-sound.m4a', sweep(9, 44100), aac),
  plays('only-sound.opus', sweep(9), '-c:a libopus'),
  plays('only-sound.aac', sweep(9), aac),
  plays('wavpack.wv', sweep(), '-c:a wavpack'),
  plays('sound-8k-mono.wav', sweep(6, 8000, 1), '-c:a pcm_mulaw'),
  plays('sound-96k-24bit.wav', sweep(6, 96000), '-c:a pcm_s24le'),
  plays('mono-22k.mp4', moving(), sweep(5, 22050, 1), x264(), aac),
  plays('aac-96k.mp4', moving(), sweep(5, 96000), x264(), aac),
  plays('aac-8k.mp4', moving(), sweep(5, 8000, 1), x264(), '-c:a aac -b:a 24k'),
  plays('aac-5.1.mp4', moving(), sweep(5, 48000, 6), x264(), '-c:a aac -b:a 256k'),
  plays('ac3-5.1.mkv', moving(), sweep(5, 48000, 6), x264(), '-c:a ac3'),
  plays('pcm-3-channels.mov', moving('320x180'), sweep(5, 48000, 3), x264(), '-c:a pcm_s16le'),
  plays('pcm-8-channels.mov', moving(), sweep(5, 48000, 8), x264(), '-c:a pcm_s16le'),
  plays('pcm-float-44100.mov', moving('320x180'), sweep(5, 44100), x264(), '-c:a pcm_f32le'),
  plays('timecode.mov', both(), x264(), '-c:a pcm_s16le -timecode 01:00:00:00'),
  plays(
    'two-languages.mkv',
    moving(),
    sweep(),
    sweep(5, 48000, 6),
    '-map 0 -map 1 -map 2',
    x264(),
    '-c:a:0 aac -c:a:1 ac3 -metadata:s:a:0 language=eng -metadata:s:a:1 language=deu',
  ),
]
