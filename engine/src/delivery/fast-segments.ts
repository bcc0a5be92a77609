import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Catalogue, Playable } from '#engine/delivery/catalogue.ts'
import type { PreparedObject } from '#engine/delivery/object-head.ts'
import { type ObjectSource, sendHot } from '#engine/delivery/send-object.ts'
import type { Sessions } from '#engine/delivery/sessions.ts'

/** Answers segments without waiting or parsing, from what the full way has found right before. */
export type FastSegments = {
  /** False if anything is unknown or no longer fresh: then go the full way. */
  answer(req: IncomingMessage, res: ServerResponse): boolean
  /** A session's URL was found right, and what it means for this playable. */
  learn(url: string, sessionId: string, playable: Playable, prepared: PreparedObject): void
}

type Folder = { playbackId: string; sessionId: string }

// '/', 44 characters of a playback ID, '/'.
const SLASH_AT = 45
const SLASH = '/'.charCodeAt(0)
const MOST_FOLDERS = 20_000

/**
 * A URL is `/<playback ID>/<signed session>/<path>`. The signed folder is remembered once its signature was
 * right, the path for as long as the catalogue's answer is fresh; the session is asked for each time.
 */
export function createFastSegments(parts: {
  catalogue: Catalogue
  sessions: Sessions
  source: ObjectSource
  clock: () => Date
}): FastSegments {
  const { catalogue, sessions, source } = parts
  const folders = new Map<string, Folder>()
  // A playable is loaded anew every half second, and takes what was learnt about it along.
  const objects = new WeakMap<Playable, Map<string, PreparedObject>>()
  const endOfFolder = (url: string) =>
    url.charCodeAt(SLASH_AT) === SLASH ? url.indexOf('/', SLASH_AT + 1) : -1

  return {
    answer(req, res) {
      const url = req.url!
      const end = endOfFolder(url)
      if (end < 0 || (req.method !== 'GET' && req.method !== 'HEAD')) return false
      const folder = folders.get(url.slice(0, end))
      if (!folder || !sessions.peek(folder.playbackId, folder.sessionId, parts.clock())) return false
      const playable = catalogue.peek(folder.playbackId)
      const prepared = playable && objects.get(playable)?.get(url.slice(end))
      return prepared && source.answers.begin(res) ? sendHot(req, res, source, prepared) : false
    },
    learn(url, sessionId, playable, prepared) {
      const end = endOfFolder(url)
      if (end < 0) return
      const known = objects.get(playable) ?? new Map<string, PreparedObject>()
      objects.set(playable, known.set(url.slice(end), prepared))
      if (folders.size >= MOST_FOLDERS) folders.clear()
      folders.set(url.slice(0, end), { playbackId: playable.playbackId, sessionId })
    },
  }
}
