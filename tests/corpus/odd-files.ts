/** A file that the corpus command makes, and how an engine has to end with it. */
export type OddFile = {
  name: string
  expect: 'ready' | 'errored'
  /** ffmpeg's arguments without the file's name; or a function of the folder, for what is made of another file. */
  args?: string[] | ((folder: string) => string[])
  /** Made of another file's bytes instead, or of none. */
  from?: string
  bytes?: (other: Buffer) => Buffer
}

const SECONDS = 5
/** Moving test picture; `more` are lavfi filters behind it. */
export const moving = (size = '640x360', rate: number | string = 25, seconds = SECONDS, more = '') => [
  ...['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${rate}:duration=${seconds}${more}`],
]
/** A tone that never repeats, so that any shift of it can be found by correlation. */
export const sweep = (seconds = SECONDS, rate = 48000, channels = 2) => {
  const wave = `0.3*sin(2*PI*(200*t+60*t*t))+0.2*(random(0)-0.5)*gt(sin(2*PI*1.3*t)\\,0.2)`
  const each = Array.from({ length: channels }, () => wave).join('|')
  return ['-f', 'lavfi', '-i', `aevalsrc='${each}':s=${rate}:d=${seconds}`]
}
const x264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '50', '-bf', '2', '-pix_fmt', 'yuv420p']
const x265 = ['-c:v', 'libx265', '-preset', 'ultrafast', '-tag:v', 'hvc1', '-x265-params']
const aac = ['-c:a', 'aac', '-b:a', '96k']
const bt2020 = (transfer: string) =>
  `log-level=error:colorprim=bt2020:transfer=${transfer}:colormatrix=bt2020nc:range=limited:hdr10=1`
const tagged = (transfer: string) => [
  ...['-color_primaries', 'bt2020', '-color_trc', transfer, '-colorspace', 'bt2020nc', '-color_range', 'tv'],
]
/** BT.709 pictures put into an HDR container's curve, as a camera would. */
const toHdr = (transfer: string) =>
  `,scale=out_color_matrix=bt709:out_range=tv,format=yuv444p,setparams=range=tv:colorspace=bt709:color_primaries=bt709:color_trc=bt709,zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt2020:t=${transfer}:m=bt2020nc:r=limited:npl=203,format=yuv420p10le`

const VIDEO: OddFile[] = [
  { name: 'plain.mp4', expect: 'ready', args: [...moving(), ...sweep(), ...x264, ...aac] },
  ...[1279, 2, 33].map((width, index): OddFile => {
    const size = `${width}x${[719, 2, 17][index]}`
    const args = [
      ...moving(size),
      ...sweep(),
      '-c:v',
      'libvpx-vp9',
      '-cpu-used',
      '8',
      '-deadline',
      'realtime',
    ]
    return { name: `size-${size}.webm`, expect: 'ready', args: [...args, '-c:a', 'libopus'] }
  }),
  {
    name: 'size-1279x719-444.mp4',
    expect: 'ready',
    args: [...moving('1279x719'), ...x264.slice(0, -1), 'yuv444p'],
  },
  {
    name: 'h264-10bit.mp4',
    expect: 'ready',
    args: [...moving(), ...sweep(), ...x264.slice(0, -1), 'yuv420p10le', ...aac],
  },
  {
    name: 'h264-422.mp4',
    expect: 'ready',
    args: [...moving(), ...sweep(), ...x264.slice(0, -1), 'yuv422p', ...aac],
  },
  {
    name: 'hevc-8bit.mp4',
    expect: 'ready',
    args: [...moving(), ...sweep(), ...x265, 'log-level=error', ...aac],
  },
  {
    name: 'hdr10.mp4',
    expect: 'ready',
    args: [
      ...moving('640x360', 25, SECONDS, toHdr('smpte2084')),
      ...sweep(),
      ...x265,
      bt2020('smpte2084'),
      ...tagged('smpte2084'),
      ...aac,
    ],
  },
  {
    name: 'hlg.mov',
    expect: 'ready',
    args: [
      ...moving('640x360', 25, SECONDS, toHdr('arib-std-b67')),
      ...sweep(),
      ...x265,
      bt2020('arib-std-b67'),
      ...tagged('arib-std-b67'),
      ...aac,
    ],
  },
  {
    name: 'bt2020-sdr.mkv',
    expect: 'ready',
    args: [
      ...moving('640x360', 25, SECONDS, toHdr('2020_10')),
      ...x265,
      bt2020('bt2020-10'),
      ...tagged('bt2020-10'),
    ],
  },
  {
    name: 'av1.mp4',
    expect: 'ready',
    args: [...moving('320x180', 25, 3), ...sweep(3), '-c:v', 'libsvtav1', '-preset', '12', ...aac],
  },
  {
    name: 'av1-opus.webm',
    expect: 'ready',
    args: [...moving('320x180', 25, 3), ...sweep(3), '-c:v', 'libsvtav1', '-preset', '12', '-c:a', 'libopus'],
  },
  {
    name: 'prores.mov',
    expect: 'ready',
    args: [...moving(), ...sweep(), '-c:v', 'prores_ks', '-profile:v', '2', '-c:a', 'pcm_s24le'],
  },
  {
    name: 'prores4444.mov',
    expect: 'ready',
    args: [...moving('320x180', 25, 3), '-c:v', 'prores_ks', '-profile:v', '4', '-pix_fmt', 'yuva444p10le'],
  },
  {
    name: 'dnxhr.mxf',
    expect: 'ready',
    args: [
      ...moving('640x360', 25, 3),
      ...sweep(3),
      '-c:v',
      'dnxhd',
      '-profile:v',
      'dnxhr_sq',
      '-pix_fmt',
      'yuv422p',
      '-c:a',
      'pcm_s16le',
    ],
  },
  {
    name: 'mpeg2.mpg',
    expect: 'ready',
    args: [...moving('720x576'), ...sweep(), '-c:v', 'mpeg2video', '-b:v', '4M', '-c:a', 'mp2'],
  },
  {
    name: 'mpeg2-interlaced.ts',
    expect: 'ready',
    args: [
      ...moving('720x576', 50, SECONDS, ',tinterlace=interleave_top,fieldorder=tff'),
      ...sweep(),
      '-c:v',
      'mpeg2video',
      '-flags',
      '+ilme+ildct',
      '-b:v',
      '6M',
      '-c:a',
      'mp2',
    ],
  },
  {
    name: 'h264-interlaced.mp4',
    expect: 'ready',
    args: [
      ...moving('640x360', 50, SECONDS, ',tinterlace=interleave_top,fieldorder=tff'),
      ...sweep(),
      ...x264,
      '-flags',
      '+ilme+ildct',
      '-x264opts',
      'tff=1',
      ...aac,
    ],
  },
  {
    name: 'mpeg4-mp3.avi',
    expect: 'ready',
    args: [...moving(), ...sweep(), '-c:v', 'mpeg4', '-bf', '2', '-b:v', '1M', '-c:a', 'libmp3lame'],
  },
  {
    name: 'dv.dv',
    expect: 'ready',
    args: [...moving('720x576'), ...sweep(), '-c:v', 'dvvideo', '-pix_fmt', 'yuv420p', '-c:a', 'pcm_s16le'],
  },
  {
    name: 'wmv.wmv',
    expect: 'ready',
    args: [...moving(), ...sweep(), '-c:v', 'wmv2', '-b:v', '1M', '-c:a', 'wmav2'],
  },
  {
    name: 'flv.flv',
    expect: 'ready',
    args: [...moving(), ...sweep(SECONDS, 44100), '-c:v', 'flv1', '-b:v', '1M', '-c:a', 'libmp3lame'],
  },
  {
    name: 'h263.3gp',
    expect: 'ready',
    args: [
      ...moving('176x144', 15),
      ...sweep(SECONDS, 8000, 1),
      '-c:v',
      'h263',
      '-c:a',
      'aac',
      '-b:a',
      '24k',
    ],
  },
  {
    name: 'theora.ogv',
    expect: 'ready',
    args: [...moving(), ...sweep(), '-c:v', 'libtheora', '-q:v', '7', '-c:a', 'libvorbis'],
  },
  {
    name: 'mjpeg-full.mov',
    expect: 'ready',
    args: [
      ...moving(),
      ...sweep(),
      '-c:v',
      'mjpeg',
      '-q:v',
      '3',
      '-pix_fmt',
      'yuvj420p',
      '-c:a',
      'pcm_s16be',
    ],
  },
  {
    name: 'full-range.mp4',
    expect: 'ready',
    args: [
      ...moving('640x360', 25, SECONDS, ',scale=out_range=pc'),
      ...sweep(),
      ...x264,
      '-color_range',
      'pc',
      ...aac,
    ],
  },
  {
    name: 'untagged-601.mp4',
    expect: 'ready',
    args: [
      ...moving('720x480', '30000/1001', SECONDS, ',scale=out_color_matrix=bt601'),
      ...sweep(),
      ...x264,
      ...aac,
    ],
  },
  {
    name: 'rgb.mov',
    expect: 'ready',
    args: [...moving('320x180'), ...sweep(), '-c:v', 'qtrle', '-pix_fmt', 'rgb24', '-c:a', 'pcm_s16le'],
  },
  {
    name: 'png-alpha.mov',
    expect: 'ready',
    args: [...moving('320x180', 25, 3), '-c:v', 'png', '-pix_fmt', 'rgba'],
  },
  {
    name: 'h264-rgb.mkv',
    expect: 'ready',
    args: [...moving('320x180', 25, 3), '-c:v', 'libx264rgb', '-preset', 'ultrafast', '-pix_fmt', 'rgb24'],
  },
  { name: 'gray.mp4', expect: 'ready', args: [...moving('320x180', 25, 3), ...x264.slice(0, -1), 'gray'] },
  {
    name: 'anamorphic.mp4',
    expect: 'ready',
    args: [...moving('720x576', 25, SECONDS, ',setsar=64/45'), ...sweep(), ...x264, ...aac],
  },
  { name: 'tall-sar.mp4', expect: 'ready', args: [...moving('640x360', 25, 3, ',setsar=1/2'), ...x264] },
  { name: 'portrait.mp4', expect: 'ready', args: [...moving('360x640'), ...sweep(), ...x264, ...aac] },
  { name: 'gif.gif', expect: 'ready', args: [...moving('200x150', 10, 3)] },
]

const TIMES: OddFile[] = [
  { name: 'fps-1.mp4', expect: 'ready', args: [...moving('320x180', 1, 12), ...sweep(12), ...x264, ...aac] },
  {
    name: 'fps-tenth.mp4',
    expect: 'ready',
    args: [...moving('320x180', '1/10', 40), ...sweep(40), ...x264, ...aac],
  },
  { name: 'fps-120.mp4', expect: 'ready', args: [...moving('640x360', 120), ...sweep(), ...x264, ...aac] },
  {
    name: 'fps-59.94.mp4',
    expect: 'ready',
    args: [...moving('640x360', '60000/1001'), ...sweep(), ...x264, ...aac],
  },
  {
    name: 'fps-23.976.mkv',
    expect: 'ready',
    args: [...moving('640x360', '24000/1001', 9), ...sweep(9), ...x264, ...aac],
  },
  {
    name: 'vfr.mkv',
    expect: 'ready',
    args: [
      ...moving('640x360', 30, 8, ",select='not(mod(n\\,3))+gt(mod(n\\,90)\\,50)'"),
      ...sweep(8),
      '-fps_mode',
      'vfr',
      ...x264,
      ...aac,
    ],
  },
  {
    name: 'vfr-hevc.mp4',
    expect: 'ready',
    args: [
      ...moving('640x360', 30, 8, ",select='not(mod(n\\,3))+gt(mod(n\\,90)\\,50)'"),
      ...sweep(8),
      '-fps_mode',
      'vfr',
      ...x265,
      'log-level=error',
      ...aac,
    ],
  },
  {
    name: 'gap.mkv',
    expect: 'ready',
    args: [
      ...moving('640x360', 25, 9, ",select='lt(t\\,3)+gt(t\\,6)'"),
      ...sweep(9),
      '-fps_mode',
      'vfr',
      ...x264,
      ...aac,
    ],
  },
  {
    name: 'gap-both.mkv',
    expect: 'ready',
    args: [
      ...moving('640x360', 25, 9, ",select='lt(t\\,3)+gt(t\\,6)'"),
      ...sweep(9),
      '-af',
      "aselect='lt(t\\,3)+gt(t\\,6)'",
      '-fps_mode',
      'vfr',
      ...x264,
      '-c:a',
      'pcm_s16le',
    ],
  },
  { name: 'one-picture.mp4', expect: 'ready', args: [...moving('640x360', 25, 0.04), ...x264] },
  {
    name: 'one-picture-sound.mp4',
    expect: 'ready',
    args: [...moving('640x360', 25, 0.04), ...sweep(6), ...x264, ...aac],
  },
  { name: 'two-pictures.mov', expect: 'ready', args: [...moving('640x360', 25, 0.08), '-c:v', 'prores_ks'] },
  {
    name: 'sound-longer.mp4',
    expect: 'ready',
    args: [...moving('640x360', 25, 4), ...sweep(9), ...x264, ...aac],
  },
  {
    name: 'picture-longer.mp4',
    expect: 'ready',
    args: [...moving('640x360', 25, 9), ...sweep(4), ...x264, ...aac],
  },
  {
    name: 'sound-longer-hevc.mkv',
    expect: 'ready',
    args: [...moving('640x360', 25, 4), ...sweep(9), ...x265, 'log-level=error', ...aac],
  },
  {
    name: 'sound-late.mp4',
    expect: 'ready',
    args: [...moving('640x360', 25, 6), '-itsoffset', '1.5', ...sweep(4.5), ...x264, ...aac],
  },
  {
    name: 'picture-late.mkv',
    expect: 'ready',
    args: ['-itsoffset', '1.5', ...moving('640x360', 25, 4.5), ...sweep(6), ...x264, ...aac],
  },
  {
    name: 'picture-late-hevc.mkv',
    expect: 'ready',
    args: [
      '-itsoffset',
      '1.5',
      ...moving('640x360', 25, 4.5),
      ...sweep(6),
      ...x265,
      'log-level=error',
      ...aac,
    ],
  },
  {
    name: 'start-3600.ts',
    expect: 'ready',
    args: [...moving(), ...sweep(), ...x264, ...aac, '-output_ts_offset', '3600'],
  },
  {
    name: 'wrap.ts',
    expect: 'ready',
    args: [...moving('640x360', 25, 8), ...sweep(8), ...x264, ...aac, '-output_ts_offset', '95440'],
  },
  {
    name: 'wrap-mpeg2.ts',
    expect: 'ready',
    args: [
      ...moving('640x360', 25, 8),
      ...sweep(8),
      '-c:v',
      'mpeg2video',
      '-b:v',
      '3M',
      '-c:a',
      'mp2',
      '-output_ts_offset',
      '95440',
    ],
  },
  {
    name: 'start-90.mkv',
    expect: 'ready',
    args: [
      ...moving(),
      ...sweep(),
      ...x264,
      ...aac,
      '-output_ts_offset',
      '90',
      '-avoid_negative_ts',
      'disabled',
    ],
  },
]

const SOUND: OddFile[] = [
  { name: 'no-sound.mp4', expect: 'ready', args: [...moving(), ...x264] },
  { name: 'only-sound.mp3', expect: 'ready', args: [...sweep(9), '-c:a', 'libmp3lame'] },
  { name: 'only-sound.flac', expect: 'ready', args: [...sweep(9), '-c:a', 'flac'] },
  { name: 'only-sound.wav', expect: 'ready', args: [...sweep(9, 44100)] },
  { name: 'only-sound.ogg', expect: 'ready', args: [...sweep(9), '-c:a', 'libvorbis'] },
  { name: 'only-sound.m4a', expect: 'ready', args: [...sweep(9, 44100), ...aac] },
  { name: 'only-sound.opus', expect: 'ready', args: [...sweep(9), '-c:a', 'libopus'] },
  { name: 'only-sound.aac', expect: 'ready', args: [...sweep(9), ...aac] },
  { name: 'sound-8k-mono.wav', expect: 'ready', args: [...sweep(6, 8000, 1), '-c:a', 'pcm_mulaw'] },
  { name: 'sound-96k-24bit.wav', expect: 'ready', args: [...sweep(6, 96000), '-c:a', 'pcm_s24le'] },
  {
    name: 'mono-22k.mp4',
    expect: 'ready',
    args: [...moving(), ...sweep(SECONDS, 22050, 1), ...x264, ...aac],
  },
  { name: 'aac-96k.mp4', expect: 'ready', args: [...moving(), ...sweep(SECONDS, 96000), ...x264, ...aac] },
  {
    name: 'aac-8k.mp4',
    expect: 'ready',
    args: [...moving(), ...sweep(SECONDS, 8000, 1), ...x264, '-c:a', 'aac', '-b:a', '24k'],
  },
  {
    name: 'aac-5.1.mp4',
    expect: 'ready',
    args: [...moving(), ...sweep(SECONDS, 48000, 6), ...x264, '-c:a', 'aac', '-b:a', '256k'],
  },
  {
    name: 'ac3-5.1.mkv',
    expect: 'ready',
    args: [...moving(), ...sweep(SECONDS, 48000, 6), ...x264, '-c:a', 'ac3'],
  },
  {
    name: 'pcm-8-channels.mov',
    expect: 'ready',
    args: [...moving(), ...sweep(SECONDS, 48000, 8), ...x264, '-c:a', 'pcm_s16le'],
  },
  {
    name: 'two-languages.mkv',
    expect: 'ready',
    args: [
      ...moving(),
      ...sweep(),
      ...sweep(SECONDS, 48000, 6),
      '-map',
      '0',
      '-map',
      '1',
      '-map',
      '2',
      ...x264,
      '-c:a:0',
      'aac',
      '-c:a:1',
      'ac3',
      '-metadata:s:a:0',
      'language=eng',
      '-metadata:s:a:1',
      'language=deu',
    ],
  },
]

/** Copies packets of what was made before, with other wrapping. */
const copied =
  (from: string, before: string[], after: string[] = []) =>
  (folder: string) => [...before, '-i', `${folder}/${from}`, '-c', 'copy', ...after]

const WRAPPED: OddFile[] = [
  ...[90, 180, 270].map((turn): OddFile => {
    const args = copied('plain.mp4', [], ['-metadata:s:v:0', `rotate=${turn}`])
    return { name: `rotated-${turn}.mp4`, expect: 'ready', args }
  }),
  {
    name: 'rotated-hevc-90.mov',
    expect: 'ready',
    args: copied('hevc-8bit.mp4', [], ['-metadata:s:v:0', 'rotate=90']),
  },
  {
    name: 'rotated-anamorphic.mp4',
    expect: 'ready',
    args: copied('anamorphic.mp4', [], ['-metadata:s:v:0', 'rotate=270']),
  },
  { name: 'trimmed-start.mp4', expect: 'ready', args: copied('plain.mp4', ['-ss', '1.3']) },
  { name: 'trimmed-start-hevc.mp4', expect: 'ready', args: copied('hevc-8bit.mp4', ['-ss', '1.3']) },
  {
    name: 'fragmented.mp4',
    expect: 'ready',
    args: copied('plain.mp4', [], ['-movflags', '+frag_keyframe+empty_moov+default_base_moof']),
  },
  { name: 'plain.ts', expect: 'ready', args: copied('plain.mp4', []) },
  { name: 'plain.mkv', expect: 'ready', args: copied('plain.mp4', []) },
  {
    name: 'no-duration.mkv',
    expect: 'ready',
    args: copied('plain.mp4', [], ['-f', 'matroska', '-live', '1']),
  },
  { name: 'raw.h264', expect: 'ready', args: copied('plain.mp4', [], ['-an']) },
  { name: 'raw.hevc', expect: 'ready', args: copied('hevc-8bit.mp4', [], ['-an']) },
  { name: 'hev1.mp4', expect: 'ready', args: copied('hevc-8bit.mp4', [], ['-tag:v', 'hev1']) },
  {
    name: 'cover.mp3',
    expect: 'ready',
    args: (folder) => [
      '-i',
      `${folder}/only-sound.mp3`,
      ...moving('300x300', 1, 1),
      '-map',
      '0',
      '-map',
      '1',
      '-c:a',
      'copy',
      '-c:v',
      'mjpeg',
      '-frames:v',
      '1',
      '-disposition:v',
      'attached_pic',
    ],
  },
  {
    name: 'chapters-and-subtitles.mkv',
    expect: 'ready',
    args: (folder) => [
      '-i',
      `${folder}/plain.mp4`,
      '-i',
      `${folder}/words.srt`,
      '-c:v',
      'copy',
      '-c:a',
      'copy',
      '-c:s',
      'srt',
      '-metadata:s:s:0',
      'language=eng',
    ],
  },
  {
    name: 'subtitles.mp4',
    expect: 'ready',
    args: (folder) => [
      '-i',
      `${folder}/plain.mp4`,
      '-i',
      `${folder}/words.srt`,
      '-c:v',
      'copy',
      '-c:a',
      'copy',
      '-c:s',
      'mov_text',
    ],
  },
  {
    name: 'two-pictures-tracks.mp4',
    expect: 'ready',
    args: (folder) => [
      '-i',
      `${folder}/plain.mp4`,
      '-i',
      `${folder}/hevc-8bit.mp4`,
      '-map',
      '0',
      '-map',
      '1:v',
      '-c',
      'copy',
    ],
  },
]

const words = '1\n00:00:00,500 --> 00:00:02,000\nOne\n\n2\n00:00:02,500 --> 00:00:04,000\nTwo\n\n'
const text = (words: string) => () => Buffer.from(words)
const cutAt = (part: number) => (file: Buffer) => file.subarray(0, Math.floor(file.length * part))
/** Overwrites a stretch with bytes that look random and are the same each time. */
const spoilt = (from: number, to: number) => (file: Buffer) => {
  const copy = Buffer.from(file)
  let seed = 12_345
  for (let at = Math.floor(file.length * from); at < file.length * to; at += 1) {
    seed = (seed * 1_103_515_245 + 12_345) & 0x7fffffff
    copy[at] = seed >> 16
  }
  return copy
}
const giant = (file: Buffer) => {
  const copy = Buffer.from(file)
  copy.writeUInt32LE(0xffffffff, 6)
  return copy
}

const BROKEN: OddFile[] = [
  { name: 'empty.mp4', expect: 'errored', bytes: text('') },
  { name: 'words.srt', expect: 'errored', bytes: text(words) },
  { name: 'text.mp4', expect: 'errored', bytes: text('This is no video.\n'.repeat(1000)) },
  {
    name: 'playlist-file.mp4',
    expect: 'errored',
    bytes: text('#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nfile:///etc/passwd\n#EXT-X-ENDLIST\n'),
  },
  {
    name: 'playlist-http.m3u8',
    expect: 'errored',
    bytes: text(
      '#EXTM3U\n#EXT-X-TARGETDURATION:4\n#EXTINF:4,\nhttp://169.254.169.254/latest/meta-data\n#EXT-X-ENDLIST\n',
    ),
  },
  { name: 'concat.mp4', expect: 'errored', bytes: text("ffconcat version 1.0\nfile '/etc/passwd'\n") },
  {
    name: 'dash.mpd',
    expect: 'errored',
    bytes: text('<?xml version="1.0"?><MPD xmlns="urn:mpeg:dash:schema:mpd:2011"><Period/></MPD>'),
  },
  { name: 'random.mp4', expect: 'errored', from: 'plain.mp4', bytes: spoilt(0, 1) },
  { name: 'truncated.mp4', expect: 'errored', from: 'plain.mp4', bytes: cutAt(0.6) },
  { name: 'truncated-fast-start.mp4', expect: 'errored', from: 'fast-start.mp4', bytes: cutAt(0.6) },
  { name: 'giant.gif', expect: 'errored', from: 'gif.gif', bytes: giant },
  { name: 'corrupt-middle.ts', expect: 'ready', from: 'plain.ts', bytes: spoilt(0.45, 0.47) },
  { name: 'corrupt-middle.mpg', expect: 'ready', from: 'mpeg2.mpg', bytes: spoilt(0.45, 0.46) },
  {
    name: 'only-subtitles.mkv',
    expect: 'errored',
    args: (folder) => ['-i', `${folder}/words.srt`, '-c:s', 'srt'],
  },
]
const LATER: OddFile[] = [
  { name: 'corrupt-middle.mp4', expect: 'ready', from: 'fast-start.mp4', bytes: spoilt(0.4, 0.41) },
  {
    name: 'corrupt-middle-hevc.mkv',
    expect: 'ready',
    from: 'sound-longer-hevc.mkv',
    bytes: spoilt(0.4, 0.41),
  },
  {
    name: 'cut-start.ts',
    expect: 'ready',
    from: 'mpeg2-interlaced.ts',
    bytes: (file) => file.subarray(Math.floor(file.length / 188 / 3) * 188),
  },
  {
    name: 'cut-start-h264.ts',
    expect: 'ready',
    from: 'plain.ts',
    bytes: (file) => file.subarray(Math.floor(file.length / 188 / 4) * 188 + 77),
  },
  { name: 'cut-end.ts', expect: 'ready', from: 'plain.ts', bytes: cutAt(0.7) },
  {
    name: 'small.ts',
    expect: 'ready',
    args: [...moving('320x240', 25, 4), ...sweep(4), ...x264, ...aac, '-output_ts_offset', '5'],
  },
  {
    name: 'open-gop.mkv',
    expect: 'ready',
    args: [...moving('640x360', 25, 9), ...sweep(9), ...x264, '-x264opts', 'open-gop=1', '-g', '30', ...aac],
  },
  {
    name: 'one-keyframe.mp4',
    expect: 'ready',
    args: [...moving('320x180', 25, 40), ...sweep(40), ...x264, '-g', '9999', '-sc_threshold', '0', ...aac],
  },
  {
    name: 'timecode.mov',
    expect: 'ready',
    args: [...moving(), ...sweep(), ...x264, '-c:a', 'pcm_s16le', '-timecode', '01:00:00:00'],
  },
  {
    name: 'pcm-3-channels.mov',
    expect: 'ready',
    args: [...moving('320x180'), ...sweep(SECONDS, 48000, 3), ...x264, '-c:a', 'pcm_s16le'],
  },
  {
    name: 'pcm-float-44100.mov',
    expect: 'ready',
    args: [...moving('320x180'), ...sweep(SECONDS, 44100), ...x264, '-c:a', 'pcm_f32le'],
  },
  { name: 'wild-sar.mkv', expect: 'ready', args: [...moving('640x360', 25, 3, ',setsar=1000/1'), ...x264] },
  { name: 'strip.mp4', expect: 'ready', args: [...moving('4096x16', 25, 2), ...x264] },
  {
    name: 'tower.webm',
    expect: 'ready',
    args: [...moving('16x2000', 25, 2), '-c:v', 'libvpx', '-cpu-used', '8', '-deadline', 'realtime'],
  },
  { name: 'wavpack.wv', expect: 'ready', args: [...sweep(5), '-c:a', 'wavpack'] },
  { name: 'raw.y4m', expect: 'ready', args: [...moving('160x90', 25, 2), '-pix_fmt', 'yuv420p'] },
  {
    name: 'cineform.mov',
    expect: 'ready',
    args: [...moving('640x360', 25, 2), '-c:v', 'cfhd', '-pix_fmt', 'yuv422p10le'],
  },
  {
    name: 'ffv1-16bit.mkv',
    expect: 'ready',
    args: [...moving('320x180', 25, 2), '-c:v', 'ffv1', '-pix_fmt', 'gbrp16le'],
  },
  {
    name: 'utvideo.avi',
    expect: 'ready',
    args: [
      ...moving('320x180', 25, 2),
      ...sweep(2),
      '-c:v',
      'utvideo',
      '-pix_fmt',
      'gbrp',
      '-c:a',
      'pcm_s16le',
    ],
  },
  {
    name: 'raw-video.avi',
    expect: 'ready',
    args: [...moving('320x180', 25, 2), '-c:v', 'rawvideo', '-pix_fmt', 'bgr24'],
  },
  {
    name: 'vp9-10bit-hdr.webm',
    expect: 'ready',
    args: [
      ...moving('320x180', 25, 2, toHdr('smpte2084')),
      '-c:v',
      'libvpx-vp9',
      '-cpu-used',
      '8',
      '-deadline',
      'realtime',
      ...tagged('smpte2084'),
    ],
  },
  {
    name: 'hdr-untagged-primaries.mkv',
    expect: 'ready',
    args: [
      ...moving('320x180', 25, 2, toHdr('smpte2084')),
      '-c:v',
      'ffv1',
      '-color_trc',
      'smpte2084',
      '-color_primaries',
      'unknown',
      '-colorspace',
      'unknown',
    ],
  },
  { name: 'still.jpg', expect: 'errored', args: [...moving('320x180', 25, 0.04), '-frames:v', '1'] },
  { name: 'still.png', expect: 'errored', args: [...moving('320x180', 25, 0.04), '-frames:v', '1'] },
  { name: 'page.html', expect: 'errored', bytes: text('<!doctype html><title>404</title><p>Not found</p>') },
  { name: 'zeros.mp4', expect: 'errored', bytes: () => Buffer.alloc(1_000_000) },
  { name: 'head-only.mp4', expect: 'errored', from: 'plain.mp4', bytes: (file) => file.subarray(0, 40) },
  {
    name: 'two-sizes.ts',
    expect: 'ready',
    args: (folder) => ['-i', `concat:${folder}/plain.ts|${folder}/small.ts`, '-c', 'copy'],
  },
]
const FAST_START: OddFile = {
  name: 'fast-start.mp4',
  expect: 'ready',
  args: copied('plain.mp4', [], ['-movflags', '+faststart']),
}

/** In the order in which they can be made. */
export const ODD_FILES: OddFile[] = [
  ...VIDEO,
  ...TIMES,
  ...SOUND,
  FAST_START,
  ...BROKEN.slice(0, 2),
  ...WRAPPED,
  ...BROKEN.slice(2),
  ...LATER,
]
