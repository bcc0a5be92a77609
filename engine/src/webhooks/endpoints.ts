import { inTransaction, type Queryable } from '#engine/platform/db.ts'
import type { EngineContext } from '#engine/platform/engine-context.ts'
import { ApiError, notFound } from '#engine/platform/errors.ts'
import { newId } from '#engine/platform/ids.ts'
import { createSecretBox } from '#engine/platform/secret-box.ts'
import { notify } from '#engine/platform/session-connection.ts'

/** Tells every process that receivers came, changed or went. */
export const ENDPOINTS_CHANNEL = 'engine_webhook_endpoints'

const MOST_WEBHOOKS = 50
const TAKEN = 'address: is already the address of another webhook'

export type WebhookRow = {
  id: string
  url: string
  enabled: boolean
  number: number
  sealed_secret: string
  created_at: Date
}

/** A webhook as REST shows it; the secret is in the answer to its creation only. */
export function webhookJson(row: WebhookRow, signingSecret?: string) {
  return {
    id: row.id,
    address: row.url,
    created_at: row.created_at.toISOString(),
    enabled: row.enabled,
    ...(signingSecret ? { signing_secret: signingSecret } : {}),
  }
}

/** Throws ApiError 400 where the address is taken or there are too many. */
export async function createWebhook(
  ctx: EngineContext,
  address: string,
): Promise<{ row: WebhookRow; signingSecret: string }> {
  const id = newId()
  const signingSecret = newId(32)
  const sealed = secretBox(ctx).seal(signingSecret, id)
  const row = await inTransaction(ctx.pool, async (tx) => {
    await refuseTaken(tx, ctx, address, id)
    const { rows: counted } = await tx.query('select count(*) as webhooks from engine.webhook_endpoints')
    if (counted[0].webhooks >= MOST_WEBHOOKS) {
      throw new ApiError(400, `There are ${MOST_WEBHOOKS} webhooks already, which is the most.`)
    }
    const { rows } = await tx.query<WebhookRow>(
      `insert into engine.webhook_endpoints (id, url, sealed_secret, created_at, updated_at)
       values ($1, $2, $3, $4, $4) on conflict (url) do nothing returning *`,
      [id, address, sealed, ctx.clock()],
    )
    if (!rows[0]) throw new ApiError(400, TAKEN)
    await notify(tx, ENDPOINTS_CHANNEL, '')
    return rows[0]
  })
  return { row, signingSecret }
}

export async function findWebhook(db: Queryable, id: string): Promise<WebhookRow | null> {
  const { rows } = await db.query<WebhookRow>('select * from engine.webhook_endpoints where id = $1', [id])
  return rows[0] ?? null
}

/** Throws ApiError 404, or 400 where the address is taken. What waits for the old address goes to the new one. */
export async function updateWebhook(
  ctx: EngineContext,
  id: string,
  change: { address?: string; enabled?: boolean },
): Promise<WebhookRow> {
  return inTransaction(ctx.pool, async (tx) => {
    if (change.address !== undefined) await refuseTaken(tx, ctx, change.address, id)
    const { rows } = await tx.query<WebhookRow>(
      `update engine.webhook_endpoints set url = coalesce($2, url), enabled = coalesce($3, enabled), updated_at = $4
       where id = $1 returning *`,
      [id, change.address ?? null, change.enabled ?? null, ctx.clock()],
    )
    if (!rows[0]) throw notFound()
    await notify(tx, ENDPOINTS_CHANNEL, '')
    return rows[0]
  }).catch((error: { code?: string }) => {
    // Two changes to one address at the same time: the unique index decides.
    throw error.code === '23505' ? new ApiError(400, TAKEN) : error
  })
}

/** Deletes a webhook and gives up what still waits for it. False if there is none. */
export async function deleteWebhook(ctx: EngineContext, id: string): Promise<boolean> {
  return inTransaction(ctx.pool, async (tx) => {
    const { rowCount } = await tx.query('delete from engine.webhook_endpoints where id = $1', [id])
    if (rowCount !== 1) return false
    await tx.query(
      `update engine.webhook_deliveries
       set next_attempt_at = null, gave_up_at = $2, last_error = 'the webhook was deleted'
       where endpoint = $1 and next_attempt_at is not null`,
      [id, ctx.clock()],
    )
    await notify(tx, ENDPOINTS_CHANNEL, '')
    return true
  })
}

async function refuseTaken(tx: Queryable, ctx: EngineContext, address: string, id: string): Promise<void> {
  const { rowCount } = await tx.query('select 1 from engine.webhook_endpoints where url = $1 and id <> $2', [
    address,
    id,
  ])
  if (rowCount !== 0 || ctx.settings.webhooks.some(({ url }) => url === address))
    throw new ApiError(400, TAKEN)
}

/** Where events are sent. */
export type Receiver = {
  /** What deliveries name it by: the address of the configuration, or the webhook's id. */
  key: string
  /** `webhook_id` of attempts. */
  number: number
  url: string
  secret: string
  /** Given through the API by somebody who need not be trusted with the network that the engine stands in. */
  guarded: boolean
}

/** All receivers that are to be sent to now. One whose secret can't be opened is left out and logged. */
export async function loadReceivers(ctx: EngineContext): Promise<Receiver[]> {
  const configured = [...new Map(ctx.settings.webhooks.map((each) => [each.url, each])).values()]
  const { rows } = await ctx.pool.query<WebhookRow>(
    'select * from engine.webhook_endpoints where enabled order by number',
  )
  const box = secretBox(ctx)
  const own = rows.flatMap((row): Receiver[] => {
    try {
      const secret = box.open(row.sealed_secret, row.id)
      return [{ key: row.id, number: row.number, url: row.url, secret, guarded: true }]
    } catch {
      ctx.log.error({ webhookId: row.id }, 'a webhook’s secret was sealed under another session secret')
      return []
    }
  })
  return [
    ...configured.map(({ url, secret }, n) => ({ key: url, number: n + 1, url, secret, guarded: false })),
    ...own,
  ]
}

function secretBox(ctx: EngineContext) {
  return createSecretBox(ctx.settings.sessionSecret, 'webhook signing secrets')
}
