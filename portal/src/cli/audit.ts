import { createReadStream, createWriteStream } from 'node:fs'
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { auditEventJsonSchema } from '../modules/audit/event.ts'
import { exportLines } from '../modules/audit/export.ts'
import { giveLogAccess } from '../modules/audit/grants/give-access.ts'
import { listLogAccess } from '../modules/audit/grants/list-access.ts'
import { endLogAccess } from '../modules/audit/grants/request-access.ts'
import { decideLogReview, listLogReviews } from '../modules/audit/grants/review-access.ts'
import { readReceipt } from '../modules/audit/receipt.ts'
import { recordAuditExport } from '../modules/audit/record-export.ts'
import { rotateAuditKey } from '../modules/audit/rotate-key.ts'
import { describeReport, verifyExport } from '../modules/audit/verifier.mjs'
import { trustedKeys, verifyDatabase } from '../modules/audit/verify-database.ts'
import type { PublishedKeys } from '../platform/audit-sink.ts'
import { snapshotVerb } from './audit-snapshot.ts'
import { tierVerbs } from './audit-tiers.ts'
import { type Noun, print, readArgs, withPortal } from './command.ts'

export const audit: Noun = {
  noun: 'audit',
  verbs: {
    ...tierVerbs,
    snapshot: snapshotVerb,
    verify: {
      summary: 'Prove the log, in the database or in an export',
      usage: '[FILE [--vkey KEY]] [--old CHECKPOINT]',
      async run(args) {
        const { values, positionals } = readArgs(args, {
          db: { type: 'boolean' },
          vkey: { type: 'string', multiple: true },
          old: { type: 'string' },
        })
        const oldCheckpoint = values.old === undefined ? undefined : await readFile(values.old, 'utf8')
        const [file] = positionals
        const report = file
          ? await verifyExport(createReadStream(file), {
              ...(values.vkey
                ? { vkeys: values.vkey }
                : await withPortal(async ({ auditLog }) => trustedKeys(auditLog))),
              oldCheckpoint,
            })
          : await withPortal(({ auditLog }) => verifyDatabase(auditLog, oldCheckpoint))
        print(values.json, report, () => describeReport(report))
        return report.ok ? 0 : 1
      },
    },
    export: {
      summary: 'The whole log as JSON Lines, for the offline verifier',
      usage: '--out FILE',
      async run(args) {
        const { values } = readArgs(args, { out: { type: 'string' } })
        const { out } = values
        if (out === undefined) return missing('--out FILE')
        const result = await withPortal(async ({ app, auditLog }, ctx) => {
          await app.call(recordAuditExport, {}, ctx)
          await writeWhole(out, exportLines(auditLog))
          return { file: out, origin: auditLog.origin, vkey: auditLog.vkey }
        })
        print(values.json, result, () => [`Written: ${out}`, `Verify it with the key ${result.vkey}`])
        return 0
      },
    },
    vkey: {
      summary: 'The key that verifies this log; publish it apart from the log',
      async run(args) {
        const { values } = readArgs(args, {})
        const result = await withPortal(async ({ auditLog }) => ({
          origin: auditLog.origin,
          vkey: auditLog.vkey,
        }))
        print(values.json, result, () => [result.vkey])
        return 0
      },
    },
    vkeys: {
      summary: 'All keys: those that sign, those that did, the witnesses’',
      async run(args) {
        const { values } = readArgs(args, {})
        const keys = await withPortal(({ app }) => app.auditReader.keys())
        print(values.json, keys, () => describeKeys(keys))
        return 0
      },
    },
    'rotate-key': {
      summary: 'Replace the key that signs heads',
      usage: '[--compromised --reason text]',
      async run(args) {
        const { values } = readArgs(args, { compromised: { type: 'boolean' }, reason: { type: 'string' } })
        const { json, compromised, reason: note } = values
        const input = { reason: compromised ? 'compromised' : 'requested', ...(note ? { note } : {}) }
        const changed = await withPortal(({ app }, ctx) => app.call(rotateAuditKey, input, ctx))
        print(json, changed, () => [
          `The new key: ${changed.vkey}`,
          compromised
            ? 'It signs alone from now on. Give it to auditors and witnesses: they must not trust the old one.'
            : `Both keys sign until ${changed.until.toISOString()}. Give auditors and witnesses the new one before.`,
        ])
        return 0
      },
    },
    checkpoint: {
      summary: 'The signed head of the log, over everything committed so far',
      async run(args) {
        const { values } = readArgs(args, {})
        const { size, note } = await withPortal(({ auditLog }) => auditLog.sequencer.checkpoint())
        print(values.json, { size, note }, () => [note.trimEnd()])
        return 0
      },
    },
    schema: {
      summary: 'JSON Schema of an audit event',
      async run() {
        process.stdout.write(`${JSON.stringify(auditEventJsonSchema(), null, 2)}\n`)
        return 0
      },
    },
    grant: {
      summary: 'Let an administrator read the log where nobody can agree to it; raises an alert',
      usage: '--email A --reason R [--hours 24]',
      async run(args) {
        const { values } = readArgs(args, {
          email: { type: 'string' },
          reason: { type: 'string' },
          hours: { type: 'string' },
        })
        const { email, reason, hours } = values
        const given = await withPortal(({ app }, ctx) =>
          app.call(giveLogAccess, { email, reason, ...(hours ? { hours } : {}) }, ctx),
        )
        print(values.json, given, () => [`${email} may read the log until ${given.endsAt} (${given.id}).`])
        return 0
      },
    },
    access: {
      summary: 'Who may read the log, who asks to, who could before',
      async run(args) {
        const { values } = readArgs(args, {})
        const grants = await withPortal(({ app }, ctx) => app.call(listLogAccess, {}, ctx))
        print(values.json, { grants }, () =>
          grants.map(({ id, state, name, endsAt }) => [id, state, name, endsAt ?? ''].join('  ')),
        )
        return 0
      },
    },
    'end-grant': {
      summary: 'End a grant to read the log now',
      usage: 'GRANT',
      async run(args) {
        const { values, positionals } = readArgs(args, {})
        const [id] = positionals
        if (id === undefined) return missing('GRANT')
        const ended = await withPortal(({ app }, ctx) => app.call(endLogAccess, { id }, ctx))
        print(values.json, ended, () => [`${id} has ended.`])
        return 0
      },
    },
    review: {
      summary: 'The quarterly reviews of who could read the log; or a decision in one',
      usage: '[REVIEW GRANT keep|remove --evidence E]',
      async run(args) {
        const { values, positionals } = readArgs(args, { evidence: { type: 'string' } })
        const [reviewId, grantId, decision] = positionals
        const { evidence } = values
        const result = await withPortal(async ({ app }, ctx) =>
          reviewId === undefined
            ? { reviews: await app.call(listLogReviews, {}, ctx) }
            : await app.call(decideLogReview, { reviewId, grantId, decision, evidence }, ctx),
        )
        print(values.json, result, () => [JSON.stringify(result, null, 2)])
        return 0
      },
    },
    receipt: {
      summary: 'Proof of one event, for the offline verifier',
      usage: 'EVENT --out FILE',
      async run(args) {
        const { values, positionals } = readArgs(args, { out: { type: 'string' } })
        const [eventId] = positionals
        if (eventId === undefined || values.out === undefined) return missing('EVENT --out FILE')
        const receipt = await withPortal(({ auditLog }) => readReceipt(auditLog, eventId))
        if (!receipt) {
          process.stderr.write(`The log has no event ${eventId}.\n`)
          return 1
        }
        await writeFile(values.out, receipt.text)
        print(values.json, receipt, () => [
          `Written: ${values.out}, entry ${receipt.index} of ${receipt.size} signed`,
        ])
        return 0
      },
    },
  },
}

function describeKeys({ keys, witnesses, threshold }: PublishedKeys): string[] {
  return [
    ...keys.map(({ vkey, state, since, until }) => `${state.padEnd(12)}${vkey}  ${since} – ${until ?? ''}`),
    ...witnesses.map((vkey) => `${'witness'.padEnd(12)}${vkey}`),
    ...(witnesses.length > 0 ? [`${threshold} of ${witnesses.length} witnesses are expected`] : []),
  ]
}

/** A file that is there whole or not at all. */
async function writeWhole(file: string, lines: AsyncGenerator<string>): Promise<void> {
  const draft = `${file}.part`
  try {
    await pipeline(Readable.from(lines), createWriteStream(draft, { mode: 0o600 }))
    await rename(draft, file)
  } catch (error) {
    await rm(draft, { force: true })
    throw error
  }
}

function missing(what: string): number {
  process.stderr.write(`Missing: ${what}\n`)
  return 2
}
