import { asText } from '#portal/platform/csv.ts'
import { verb } from '#portal/platform/operation.ts'
import type { ViewerLine } from './answers.ts'
import { viewingInput } from './inputs.ts'
import { loadPeople } from './load-viewing.ts'
import { lineOf, loadOwnShare } from './share-viewing.ts'

/** Who watched how much, as a file (RFC 4180); taking it out of the portal leaves an event. */
export const exportViewing = verb({
  action: 'share.export-viewing',
  input: viewingInput,
  allow: { role: 'agency' },
  async run({ tx, input, ctx, actor, keys }) {
    const share = await loadOwnShare(tx, actor, input.id)
    const people = await loadPeople(tx, keys, [share.id], ctx.now)
    const durationMs = Math.round((share.durationSeconds ?? 0) * 1000)
    const lines = people.map((person) => lineOf(person, durationMs))
    return {
      result: { csv: [HEAD, ...lines.map(rowOf)].map((row) => `${row.map(cell).join(',')}\r\n`).join('') },
      change: { target: { type: 'share', id: share.id }, details: { rows: lines.length } },
    }
  },
})

const HEAD = ['viewer', 'first_seen', 'last_seen', 'times', 'seen_percent', 'played_seconds']

const rowOf = (line: ViewerLine) => [
  line.who.kind === 'address'
    ? line.who.address
    : line.who.kind === 'unnamed'
      ? `Viewer ${line.who.number}`
      : '',
  line.firstAt,
  line.lastAt,
  String(line.times),
  line.fraction === null ? '' : (line.fraction * 100).toFixed(1),
  line.playedSeconds === null ? '' : line.playedSeconds.toFixed(1),
]

const cell = (text: string) => `"${asText(text).replaceAll('"', '""')}"`
