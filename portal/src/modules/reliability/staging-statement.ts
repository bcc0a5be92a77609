import { createPrivateKey } from 'node:crypto'
import { z } from 'zod'
import {
  createNoteSigner,
  type NoteSigner,
  openNote,
  parseVkey,
  signNote,
} from '#portal/modules/audit/note.ts'
import type { Keys } from '#portal/platform/keys.ts'
import { FLAG_NAMES, type FlagName } from '#portal/platform/settings/flags.ts'
import { suiteRun } from './inputs.ts'

/** No head of a log begins so: neither can be taken for the other. */
const HEAD = 'motion-mavericks staging statement 1\n'
/** RFC 8410: what stands before the 32 bytes of an Ed25519 key in PKCS #8. */
const ED25519_PKCS8 = Buffer.from('302e020100300506032b657004220420', 'hex')

type SuiteRun = z.infer<typeof suiteRun>

const statementSchema = z.strictObject({
  installation: z.string().max(300),
  at: z.iso.datetime(),
  /** Of each flag every value that it has run with there, and since when. */
  flags: z.record(z.string(), z.record(z.string(), z.iso.datetime())),
  e2eSuite: suiteRun.nullable(),
})

/** What a staging installation says of itself. */
export type StagingStatement = z.infer<typeof statementSchema>

/** The run of the suite in `summary.json` of `npm test`; null where it had none. */
export const suiteRunOf = (summary: unknown): SuiteRun | null =>
  z.object({ e2eSuite: suiteRun.nullable() }).parse(summary).e2eSuite

/** By which this installation signs its statements: derived, and for nothing else. */
export function statementSigner(keys: Keys, publicUrl: string): NoteSigner {
  const der = Buffer.concat([ED25519_PKCS8, keys.statement])
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' })
  return createNoteSigner(`${new URL(publicUrl).host}/staging`, key)
}

/** A signed note (C2SP) around one line of JSON. */
export function signStatement(statement: StagingStatement, signer: NoteSigner): string {
  return signNote(`${HEAD}${JSON.stringify(statement)}\n`, [signer])
}

/** @throws Error with a sentence where it is not what this key signed */
export function readStatement(note: string, vkey: string): StagingStatement {
  const opened = openNote(note, [parseVkey(vkey)])
  if (!opened?.text.startsWith(HEAD))
    throw new Error('is no statement that the key in STAGING_KEY signed: make it anew in staging')
  return statementSchema.parse(JSON.parse(opened.text.slice(HEAD.length)))
}

/** What of this installation's flags the statement does not cover, a sentence each; none where all of it ran there. */
export function unstaged(
  statement: StagingStatement,
  flags: Record<FlagName, string>,
  suiteVersion: string,
): string[] {
  const untried = FLAG_NAMES.filter((name) => statement.flags[name]?.[flags[name]] === undefined).map(
    (name) => `${name} is ${flags[name]} here and has not run so in staging.`,
  )
  return [...untried, ...suiteFaults(statement.e2eSuite, suiteVersion)]
}

function suiteFaults(run: SuiteRun | null, version: string): string[] {
  if (!run) return ['The statement tells of no run of the end-to-end suite: make it with --results.']
  if (run.version !== version)
    return [`The end-to-end suite ran in version ${run.version}; E2E_SUITE_VERSION is ${version}.`]
  return run.failed.length === 0
    ? []
    : [`${run.failed.length} promised scenarios of the end-to-end suite did not pass.`]
}
