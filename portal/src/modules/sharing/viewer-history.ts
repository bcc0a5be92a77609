import { decodeEvent } from '#portal/modules/audit/event.ts'
import { eventIdInput, historyPage } from '#portal/modules/audit/inputs.ts'
import { listHistory } from '#portal/modules/audit/queries.ts'
import { AppError } from '#portal/platform/errors.ts'
import { flow, read } from '#portal/platform/operation.ts'
import { viewerInput } from './inputs.ts'
import { loadOwnVisits, type OwnVisits } from './viewer-record.ts'

const namesOf = ({ visits }: OwnVisits) => visits.map(({ id }) => id)

/** What the log says of this browser on a link, newest first; the link need not live any more. */
export const getViewerHistory = read({
  action: 'viewer.history',
  input: viewerInput.extend(historyPage.shape),
  allow: { anyone: true },
  async run({ db, input, ctx, keys }) {
    const { limit, cursor, ...viewer } = input
    const own = await loadOwnVisits(db, keys, viewer, ctx.now)
    return await listHistory(db, { share: own.share.id, actors: namesOf(own) }, { limit, cursor })
  },
})

/** The proof of one of these events. One answer for an event of somebody else, and for one that does not exist. */
export const getViewerReceipt = flow({
  action: 'viewer.receipt',
  input: viewerInput.extend(eventIdInput.shape),
  allow: { anyone: true },
  async run({ app, input, ctx }) {
    const { id, ...viewer } = input
    const own = await app.db.transaction((tx) => loadOwnVisits(tx, app.keys, viewer, ctx.now))
    const entry = await app.auditReader.entry(id)
    const actor = entry === null ? undefined : decodeEvent(entry)?.actor
    const isTheirs = actor?.kind === 'viewer' && namesOf(own).includes(actor.pseudonym)
    const receipt = isTheirs ? await app.auditReader.receipt(id) : null
    if (!receipt) throw new AppError('not_found', 'There is no receipt of such an event for you.')
    return receipt
  },
})
