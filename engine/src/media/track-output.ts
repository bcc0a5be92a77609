/**
 * Output options for one track as fragmented MP4 on a pipe. The tracks of an asset share one timeline that
 * begins at 10 s: decode times then never get negative, no edit list is needed, and every reader agrees on
 * audio and video being in step. Players take the first picture as their zero.
 */
function fragmented(pipe: number, cut: string[]): string[] {
  return [
    ...['-map_metadata', '-1', '-map_chapters', '-1', '-fflags', '+bitexact'],
    ...[
      '-f',
      'mp4',
      '-use_editlist',
      '0',
      '-avoid_negative_ts',
      'disabled',
      '-output_ts_offset',
      '10',
      ...cut,
    ],
    `pipe:${pipe}`,
  ]
}

const FLAGS = '+frag_discont+default_base_moof+empty_moov+skip_trailer'

/** A new fragment at each keyframe. */
export const videoTrack = (pipe: number) => fragmented(pipe, ['-movflags', `${FLAGS}+frag_keyframe`])

/** A new fragment every 4 s; each AAC frame stands alone. */
export const audioTrack = (pipe: number) =>
  fragmented(pipe, ['-movflags', FLAGS, '-frag_duration', '4000000'])
