import { type AnyColumn, and, eq, inArray, isNull, type SQL, sql } from 'drizzle-orm'
import { z } from 'zod'
import { emailAddress } from '#portal/modules/identity/inputs.ts'
import { keyedHash } from '#portal/platform/crypto.ts'
import type { Tx } from '#portal/platform/db.ts'
import { AppError } from '#portal/platform/errors.ts'
import type { Keys } from '#portal/platform/keys.ts'
import { type VerbScope, verb } from '#portal/platform/operation.ts'
import { viewerBars } from './tables.ts'

/** What a person is found by: the keyed hash of their address, the same in viewer sessions, codes and bars. */
export function personHash(keys: Keys, email: string): Buffer {
  return keyedHash(keys.hash, 'viewer-email', email)
}

/** Whether the person behind this column of the same row is barred. */
export function hasBar(emailHash: AnyColumn): SQL<boolean> {
  return sql<boolean>`exists (select 1 from ${viewerBars}
    where ${viewerBars.emailHash} = ${emailHash} and ${viewerBars.liftedAt} is null)`
}

/** Which of these addresses are barred. */
export async function barredAmong(tx: Tx, keys: Keys, emails: string[]): Promise<Set<string>> {
  if (emails.length === 0) return new Set()
  const byHash = new Map(emails.map((email) => [personHash(keys, email).toString('hex'), email]))
  const hashes = [...byHash.keys()].map((hex) => Buffer.from(hex, 'hex'))
  const rows = await tx
    .select({ emailHash: viewerBars.emailHash })
    .from(viewerBars)
    .where(and(inArray(viewerBars.emailHash, hashes), isNull(viewerBars.liftedAt)))
  return new Set(rows.map(({ emailHash }) => byHash.get(emailHash.toString('hex')) ?? ''))
}

export async function isBarred(tx: Tx, keys: Keys, email: string): Promise<boolean> {
  return (await barredAmong(tx, keys, [email])).size > 0
}

/** Bars a person from every link that asks who they are, until somebody lifts it; false where they are already. */
export async function barPerson(
  { tx, ctx }: Pick<VerbScope<unknown>, 'tx' | 'ctx'>,
  bar: { emailHash: Buffer; revocationId: string; reason: string; by: string },
): Promise<boolean> {
  const { emailHash, revocationId, reason, by } = bar
  const made = await tx
    .insert(viewerBars)
    .values({ id: ctx.newId('bar'), emailHash, revocationId, reason, barredBy: by, barredAt: ctx.now })
    .onConflictDoNothing()
    .returning({ id: viewerBars.id })
  return made.length > 0
}

export const readmitViewerInput = z.strictObject({
  /** The address; kept nowhere. */
  viewer: emailAddress,
  reason: z.string().trim().min(3, 'say why, in a few words').max(500),
})

/** Lifts the bar on a person; their old sessions stay ended, and they prove themselves anew. */
export const readmitViewer = verb({
  action: 'revocation.readmit',
  input: readmitViewerInput,
  allow: { role: 'admin', groups: ['security', 'compliance', 'operations'] },
  async run({ tx, input, ctx, actor, keys }) {
    const [lifted] = await tx
      .update(viewerBars)
      .set({ liftedAt: ctx.now, liftedBy: actor.id })
      .where(and(eq(viewerBars.emailHash, personHash(keys, input.viewer)), isNull(viewerBars.liftedAt)))
      .returning({ id: viewerBars.id })
    if (!lifted) throw new AppError('conflict', 'Nobody with this address is barred.')
    return {
      result: { id: lifted.id, status: 'lifted' as const },
      change: {
        target: { type: 'viewer_bar', id: lifted.id },
        personal: { subject: actor.id, data: { reason: input.reason } },
      },
    }
  },
})
