import { z } from 'zod'

const text = z.string().default('')
const number = z.coerce.number().catch(0).default(0)
const streamShape = z.object({
  index: z.number(),
  codec_type: text,
  codec_name: text,
  profile: text,
  pix_fmt: text,
  width: number,
  height: number,
  sample_aspect_ratio: text,
  r_frame_rate: text,
  avg_frame_rate: text,
  field_order: text,
  color_primaries: text,
  color_transfer: text,
  color_space: text,
  color_range: text,
  start_time: number,
  duration: number,
  channels: number,
  sample_rate: number,
  bits_per_raw_sample: number,
  nb_frames: number,
  disposition: z.record(z.string(), z.number()).default({}),
  tags: z.record(z.string(), z.string()).default({}),
  side_data_list: z
    .array(z.object({ rotation: z.number().optional(), dv_profile: z.number().optional() }).loose())
    .default([]),
})
export const probeShape = z.object({
  format: z.object({ format_name: text, start_time: number, duration: number, bit_rate: number }),
  streams: z.array(streamShape).default([]),
  packets: z.array(z.object({ stream_index: z.number(), flags: text, pts_time: number }).loose()).default([]),
})

/** ffprobe's words for one stream, and for one packet. */
export type Stream = z.infer<typeof streamShape>
export type Packet = z.infer<typeof probeShape>['packets'][number]
export type Format = z.infer<typeof probeShape>['format']
