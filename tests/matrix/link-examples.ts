import { type Example, LINK, ofLink, STOPPED, unconditional, WATCHING, WATCHING_NOW } from './example.ts'

/** What the holder of a link does. */
export const LINK_EXAMPLES: Record<string, Example> = {
  'share.download': ofLink(WATCHING_NOW),
  'share.download-state': ofLink(WATCHING_NOW),
  'share.take-download': {
    reach: { own: 'none', other: 'none', deleted: 'none', shared: 'none' },
    input: async () => ({ ticket: 'nobody was given this', cookie: null }),
  },
  'share.open': ofLink(LINK),
  'share.verify': ofLink(LINK),
  'share.watch-state': ofLink(WATCHING),
  'playback.progress': ofLink(WATCHING, { run: 'matrix-progress', seq: 1, segments: [[0, 1]] }),
  'playback.issue': ofLink(LINK),
  'playback.stopped': ofLink(STOPPED),
  // It refuses nobody: whoever may not see the picture is told of none.
  'viewer.poster': {
    ...ofLink(WATCHING_NOW),
    listed: async () => 'poster',
    shows: (result) => result !== null,
  },
  'viewer.read-record': ofLink(WATCHING),
  'viewer.record-copied': ofLink(WATCHING),
  'viewer.object': ofLink(WATCHING),
  'viewer.forget': unconditional(),
}
