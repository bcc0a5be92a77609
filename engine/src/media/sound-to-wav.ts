import { runFfmpeg, SAFE_INPUT } from '#engine/media/run-ffmpeg.ts'

// RIFF counts its bytes in 32 bits.
const LARGEST_WAV = 2 ** 32

/** What speech recognisers take: one channel, 16 kHz, 16 bits. `from` and `to` are absolute paths. */
export async function soundToWav(run: {
  ffmpegPath: string
  from: string
  to: string
  signal: AbortSignal
  deadlineMs: number
}): Promise<void> {
  await runFfmpeg({
    command: run.ffmpegPath,
    args: [
      ...['-v', 'error', '-nostdin', '-y', ...SAFE_INPUT, '-i', `file:${run.from}`, '-map', '0:a:0'],
      ...['-ac', '1', '-ar', '16000', '-c:a', 'pcm_s16le', '-f', 'wav', `file:${run.to}`],
      ...['-progress', 'pipe:1'],
    ],
    signal: run.signal,
    deadlineMs: run.deadlineMs,
    stallMs: 180_000,
    niceness: 10,
    fileBytes: LARGEST_WAV,
  })
}
