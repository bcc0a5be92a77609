import { createHash } from 'node:crypto'
import { and, eq, sql } from 'drizzle-orm'
import type { Context } from '#portal/platform/context.ts'
import type { Tx } from '#portal/platform/db.ts'
import type { AgreementText } from './answers.ts'
import { agreements } from './tables.ts'

/** The version of an organisation's agreement that has this text; a text that is new becomes its next version. */
export async function keepAgreement(
  tx: Tx,
  ctx: Context,
  { organisationId, body }: { organisationId: string; body: string },
): Promise<string> {
  const text = body.replaceAll('\r\n', '\n')
  const sha256 = createHash('sha256').update(text).digest()
  const same = and(eq(agreements.organisationId, organisationId), eq(agreements.sha256, sha256))
  // Two new texts at once must not take the same number.
  await tx.execute(sql`select pg_advisory_xact_lock(hashtextextended(${`agreement:${organisationId}`}, 7))`)
  const [known] = await tx.select({ id: agreements.id }).from(agreements).where(same)
  if (known) return known.id
  const id = ctx.newId('agr')
  await tx.insert(agreements).values({
    id,
    organisationId,
    version: sql`(select coalesce(max(version), 0) + 1 from agreements where organisation_id = ${organisationId})`,
    body: text,
    sha256,
    createdBy: ctx.actor.id,
    createdAt: ctx.now,
  })
  return id
}

/** The text that a share asks to accept. */
export async function agreementOf(db: Tx, id: string | null): Promise<AgreementText | null> {
  if (!id) return null
  const [row] = await db
    .select({ id: agreements.id, version: agreements.version, text: agreements.body })
    .from(agreements)
    .where(eq(agreements.id, id))
  return row ?? null
}
