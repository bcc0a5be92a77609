import { desc, gt } from 'drizzle-orm'
import type { Db, Tx } from '#portal/platform/db.ts'
import type { Settings } from '#portal/platform/env.ts'
import { AppError } from '#portal/platform/errors.ts'
import { BUDGET_STEPS, type BudgetLevel } from './rules.ts'
import { budgetLevels } from './tables.ts'

type Monitoring = Pick<Settings, 'COST_MONITORING_ENABLED'>

/** The level that holds: the newest that has not ended, else normal. Nothing has to end it. */
export async function readBudgetLevel(
  db: Pick<Db | Tx, 'select'>,
  now: Date,
  { COST_MONITORING_ENABLED: isOn }: Monitoring,
): Promise<{ level: BudgetLevel; until: Date | null }> {
  if (!isOn) return { level: 'normal', until: null }
  const [row] = await db
    .select({ level: budgetLevels.level, until: budgetLevels.until })
    .from(budgetLevels)
    .where(gt(budgetLevels.until, now))
    .orderBy(desc(budgetLevels.place))
    .limit(1)
  return row ?? { level: 'normal', until: null }
}

/** @throws AppError unavailable while the budget is used up: no new link is made then */
export async function refuseNewShares(
  db: Pick<Tx, 'select'>,
  now: Date,
  settings: Monitoring,
): Promise<void> {
  const { level, until } = await readBudgetLevel(db, now, settings)
  if (BUDGET_STEPS[level].newShares || !until) return
  throw new AppError(
    'unavailable',
    'The budget is used up: no new links are made for now. Links that exist go on.',
    {
      retryAfterSeconds: Math.max(1, Math.ceil((until.getTime() - now.getTime()) / 1000)),
    },
  )
}
