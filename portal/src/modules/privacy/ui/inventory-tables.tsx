import type { ColumnFate, InventoryTable } from '#portal/modules/privacy/answers.ts'
import { Chip } from '#portal/ui/chip.tsx'
import { PageHead } from '#portal/ui/page-head.tsx'

const OF: Record<InventoryTable['of'], string> = {
  account: 'of account holders',
  guest: 'of guests',
  both: 'of account holders and guests',
  nobody: 'of nobody in particular',
}

const FATES: Record<NonNullable<ColumnFate['fate']>, string> = {
  deleted: 'deleted',
  replaced: 'replaced by',
  words: 'name and addresses taken out',
  pseudonym: 'kept: an ID that names nobody',
  kept: 'kept:',
}

/** Every table with its label, whom it tells of, and what an erasure does with each column of it. */
export function InventoryTables({ tables }: { tables: InventoryTable[] }) {
  return (
    <>
      <PageHead title="Data inventory">
        {tables.length} tables. A test fails when the database has a column that is not in here.
      </PageHead>
      <ul className="overflow-hidden rounded-card border border-line bg-surface">
        {tables.map((table) => (
          <li key={table.table} className="border-b border-line px-4 py-3 last:border-b-0">
            <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1">
              <h2 className="mono text-sm font-medium break-all">{table.table}</h2>
              <Chip>{table.label}</Chip>
              <p className="text-sm text-ink-2">
                {table.holds}, {OF[table.of]}
              </p>
            </div>
            {table.columns.length > 0 && <Columns columns={table.columns} />}
          </li>
        ))}
      </ul>
    </>
  )
}

function Columns({ columns }: { columns: ColumnFate[] }) {
  return (
    <dl className="grid grid-cols-1 gap-x-4 gap-y-1 pt-2 text-sm sm:grid-cols-[minmax(0,14rem)_minmax(0,1fr)]">
      {columns.map(({ column, fate, how }) => (
        <div key={column} className="contents">
          <dt className="mono break-all">{column}</dt>
          <dd className="pb-1 text-ink-2 sm:pb-0">
            {fate && FATES[fate]} {how}
          </dd>
        </div>
      ))}
    </dl>
  )
}
