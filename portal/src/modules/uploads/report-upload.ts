import { AppError } from '#portal/platform/errors.ts'
import { flow, read, verb } from '#portal/platform/operation.ts'
import { declareChecksumInput, reportUploadInput } from './inputs.ts'
import { loadBegunUpload } from './queries.ts'
import { hearFromWriter, moverOf, writeSendableUpload } from './store-upload.ts'

const readReported = read({
  action: 'upload.report',
  input: reportUploadInput,
  allow: { role: 'agency' },
  run: async ({ db, input, actor }) => await loadBegunUpload(db, actor, input.id),
})

/**
 * Whoever sends tells every few seconds how much is safely stored: others see it, on any device, and the sender
 * learns whether to go on. It leaves no event in the log: who sent what is there from the beginning and the end.
 */
export const reportUpload = flow({
  action: 'upload.report',
  input: reportUploadInput,
  allow: { role: 'agency' },
  async run({ app, input, ctx }) {
    await app.call(readReported, input, ctx)
    const heard = await app.db.transaction((tx) => hearFromWriter(tx, input, moverOf(ctx.actor), ctx.now))
    return { id: input.id, goOn: heard !== null }
  },
})

/**
 * The SHA-256 of the whole file as its sender computed it, told before the last byte is sent. It can be told once;
 * another sum means that the file has changed under way.
 * @throws AppError conflict for another sum, or where no byte is waited for any more
 */
export const declareChecksum = verb({
  action: 'upload.checksum',
  input: declareChecksumInput,
  allow: { role: 'agency' },
  async run({ tx, input, actor }) {
    const upload = await loadBegunUpload(tx, actor, input.id, 'for update')
    const sentSha256 = Buffer.from(input.sha256, 'hex')
    if (upload.sentSha256 && !upload.sentSha256.equals(sentSha256)) {
      const why = 'This is not the file that the upload was begun with: it has changed. Start a new upload.'
      throw new AppError('conflict', why)
    }
    if (!(await writeSendableUpload(tx, upload.id, { sentSha256 })))
      throw new AppError('conflict', 'This upload has ended: no checksum is waited for.')
    return {
      result: { id: upload.id, sha256: input.sha256 },
      change: { target: { type: 'upload', id: upload.id }, details: { sha256: input.sha256 } },
    }
  },
})
