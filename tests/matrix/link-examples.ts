import type { TestApp } from '../support/test-app.ts'
import { type Example, LINK, ofLink, STOPPED, unconditional, WATCHING, WATCHING_NOW } from './example.ts'

/** The newest event of a viewer, in the tree. */
async function newestViewEvent(t: TestApp): Promise<string> {
  await t.app.auditReader.head()
  const { rows } = await t.app.pool.query(
    `select event_id from audit_leaves where action = 'playback.issue' order by index desc limit 1`,
  )
  return rows[0]?.event_id ?? 'evt_1111111111111111111111'
}

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
  'viewer.history': ofLink(WATCHING),
  'viewer.receipt': {
    reach: WATCHING,
    input: async (objects, t) => {
      const browser = await objects.watching()
      return { ...browser, id: await newestViewEvent(t) }
    },
  },
  'viewer.forget': unconditional(),
}
