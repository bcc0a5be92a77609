import { TIERS } from '#engine/usage/played-files.ts'
import { DAY_MS, dayOf } from '#engine/usage/usage-exports.ts'
import { type AssetUsage, usageByAsset } from '#engine/usage/usage-report.ts'
import { CliError, type Noun, table, type Values } from './command.ts'

const DEFAULT_DAYS = 30
const MOST_DAYS = 400

export const usage: Noun = {
  name: 'usage',
  verbs: {
    '': {
      summary: 'storage, encoding and delivery, by asset or --by day',
      options: {
        by: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        asset: { type: 'string' },
      },
      async run({ values, open }) {
        const by = values.by ?? 'asset'
        if (by !== 'asset' && by !== 'day') throw new CliError('--by is asset or day.', 64)
        const { ctx } = await open()
        const now = ctx.clock()
        const window = { ...windowOf(values, now), now, assetId: values.asset as string | undefined }
        if (by === 'asset') {
          const found = await usageByAsset(ctx.pool, window)
          return {
            data: found,
            text: print(
              'ASSET',
              found.map((each) => [each.assetId, [each]]),
            ),
          }
        }
        const days: [string, AssetUsage[]][] = []
        for (let at = window.from.getTime(); at < window.to.getTime(); at += DAY_MS) {
          const day = { ...window, from: new Date(at), to: new Date(at + DAY_MS) }
          days.push([dayOf(day.from), await usageByAsset(ctx.pool, day)])
        }
        return {
          data: days.map(([day, each]) => ({ day, ...total(each) })),
          text: print('DAY', days),
        }
      },
    },
  },
}

/** Whole days, UTC; `to` is the first day that is not in it any more. */
function windowOf(values: Values, now: Date): { from: Date; to: Date } {
  const read = (name: string, fallback: number) => {
    const text = values[name]
    if (text === undefined) return new Date(`${dayOf(new Date(fallback))}T00:00:00Z`)
    const day = new Date(`${text}T00:00:00Z`)
    if (!/^\d{4}-\d\d-\d\d$/.test(String(text)) || Number.isNaN(day.getTime()))
      throw new CliError(`--${name} is a day such as 2026-03-30.`, 64)
    return day
  }
  const to = read('to', now.getTime() + DAY_MS)
  const from = read('from', to.getTime() - DEFAULT_DAYS * DAY_MS)
  const days = (to.getTime() - from.getTime()) / DAY_MS
  if (days <= 0 || days > MOST_DAYS)
    throw new CliError(`--from and --to are 1 to ${MOST_DAYS} days apart.`, 64)
  return { from, to }
}

function total(each: AssetUsage[]) {
  const sum = (of: (usage: AssetUsage) => number) => each.reduce((all, usage) => all + of(usage), 0)
  return {
    storageMinuteDays: sum((usage) => usage.storageMinuteDays),
    encodingMinutes: sum((usage) => usage.encodingMinutes),
    deliveredSeconds: Object.fromEntries(
      TIERS.map((tier) => [tier, sum((usage) => usage.deliveredSeconds[tier])]),
    ),
  }
}

function print(first: string, rows: [string, AssetUsage[]][]): string {
  const head = [
    first,
    'STORED MIN·DAYS',
    'ENCODED MIN',
    ...TIERS.map((tier) => `${tier.slice(5).toUpperCase()} S`),
  ]
  const line = (name: string, each: AssetUsage[]) => {
    const { storageMinuteDays, encodingMinutes, deliveredSeconds } = total(each)
    return [
      name,
      ...[storageMinuteDays, encodingMinutes, ...Object.values(deliveredSeconds)].map((n) => n.toFixed(1)),
    ]
  }
  const all = rows.flatMap(([, each]) => each)
  return table(head, [...rows.map(([name, each]) => line(name, each)), line('total', all)])
}
