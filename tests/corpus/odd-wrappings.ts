import { copied, made, moving, type OddFile, plays } from './odd-file.ts'

const WORDS = '1\n00:00:00,500 --> 00:00:02,000\nOne\n\n2\n00:00:02,500 --> 00:00:04,000\nTwo\n\n'
const words = '-i FOLDER/plain.mp4 -i FOLDER/words.srt -c:v copy -c:a copy'

/** The same packets in other containers, with turns, edits, covers and subtitles. */
export const ODD_WRAPPINGS: OddFile[] = [
  made('errored', 'words.srt', () => Buffer.from(WORDS)),
  plays('fast-start.mp4', copied('plain.mp4'), '-movflags +faststart'),
  plays('fragmented.mp4', copied('plain.mp4'), '-movflags +frag_keyframe+empty_moov+default_base_moof'),
  plays('plain.ts', copied('plain.mp4')),
  plays('plain.mkv', copied('plain.mp4')),
  plays('no-duration.mkv', copied('plain.mp4'), '-f matroska -live 1'),
  plays('raw.h264', copied('plain.mp4'), '-an'),
  plays('raw.hevc', copied('hevc-8bit.mp4'), '-an'),
  plays('hev1.mp4', copied('hevc-8bit.mp4'), '-tag:v hev1'),
  ...[90, 180, 270].map((turn) =>
    plays(`rotated-${turn}.mp4`, copied('plain.mp4'), `-metadata:s:v:0 rotate=${turn}`),
  ),
  plays('rotated-hevc-90.mov', copied('hevc-8bit.mp4'), '-metadata:s:v:0 rotate=90'),
  plays('rotated-anamorphic.mp4', copied('anamorphic.mp4'), '-metadata:s:v:0 rotate=270'),
  plays('trimmed-start.mp4', '-ss 1.3', copied('plain.mp4')),
  plays('trimmed-start-hevc.mp4', '-ss 1.3', copied('hevc-8bit.mp4')),
  plays(
    'cover.mp3',
    '-i FOLDER/only-sound.mp3',
    moving('300x300', 1, 1),
    '-map 0 -map 1 -c:a copy -c:v mjpeg -frames:v 1 -disposition:v attached_pic',
  ),
  plays('chapters-and-subtitles.mkv', words, '-c:s srt -metadata:s:s:0 language=eng'),
  plays('subtitles.mp4', words, '-c:s mov_text'),
  plays('two-pictures-tracks.mp4', '-i FOLDER/plain.mp4 -i FOLDER/hevc-8bit.mp4 -map 0 -map 1:v -c copy'),
  plays('two-sizes.ts', '-i concat:FOLDER/plain.ts|FOLDER/small.ts -c copy'),
]
