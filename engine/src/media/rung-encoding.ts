/** How every rung is encoded but for its cap: constant quality, so that easy pictures cost few bits. */
export const rungEncoding = (): string[] => [
  ...['-c:v', 'libx264', '-preset', 'veryfast', '-profile:v', 'high', '-pix_fmt', 'yuv420p', '-crf', '22'],
]
