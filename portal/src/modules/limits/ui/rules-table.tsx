import { Button } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { type Column, DataTable } from '#portal/ui/data-table.tsx'
import type { RuleCount } from '../answers.ts'
import {
  inWords,
  LIMIT_CLASSES,
  LIMIT_SUBJECTS,
  type LimitRule,
  type LimitRules,
  RULE_NAMES,
  type RuleName,
} from '../rules.ts'

type Row = LimitRule & { name: RuleName; count: RuleCount | undefined }

/** Every rule with its numbers, its mode, and what it did beside what it would have done. */
export function RulesTable({
  rules,
  counts,
  enforced,
  canSet,
  onChange,
}: {
  rules: LimitRules
  counts: RuleCount[]
  enforced: boolean
  canSet: boolean
  onChange: (name: RuleName) => void
}) {
  const rows = RULE_NAMES.map((name) => ({
    ...{ name, ...rules[name] },
    count: counts.find(({ rule }) => rule === name),
  }))
  const figure = (value: number | undefined) => (
    <span className="mono">{(value ?? 0).toLocaleString('en-AU')}</span>
  )
  const isEnforced = (row: Row) => enforced && row.mode === 'enforce'
  const mode = (row: Row) => (isEnforced(row) ? <Chip>Enforced</Chip> : <Chip tone="warn">Watched</Chip>)
  const columns: Column<Row>[] = [
    {
      name: 'rule',
      head: 'Limit',
      cell: (row) => (
        <div className="min-w-0">
          <p className="font-medium">{LIMIT_CLASSES[row.class].title}</p>
          <p className="text-xs text-ink-2">
            {inWords(row)} for each {LIMIT_SUBJECTS[row.by]}
            {row.burst !== row.quota && `, ${row.burst.toLocaleString('en-AU')} at once`}
          </p>
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1 py-1 text-xs text-ink-2 sm:hidden">
            {mode(row)}
            {isEnforced(row) ? (
              <span>{figure(row.count?.refused)} refused</span>
            ) : (
              <span>{figure(row.count?.wouldRefuse)} would be refused</span>
            )}
          </p>
        </div>
      ),
    },
    {
      name: 'name',
      head: 'Name',
      from: 'xl',
      cell: (row) => <span className="mono text-xs">{row.name}</span>,
    },
    {
      name: 'mode',
      head: 'Mode',
      from: 'sm',
      cell: mode,
    },
    {
      name: 'admitted',
      head: 'Let through',
      from: 'lg',
      numeric: true,
      cell: (row) => figure(row.count?.admitted),
    },
    {
      name: 'refused',
      head: 'Refused',
      from: 'sm',
      numeric: true,
      cell: (row) => figure(row.count?.refused),
    },
    {
      name: 'would',
      head: 'Would refuse',
      from: 'sm',
      numeric: true,
      cell: (row) => figure(row.count?.wouldRefuse),
    },
    {
      name: 'act',
      head: <span className="sr-only">Change</span>,
      numeric: true,
      cell: (row) =>
        canSet && (
          <Button small aria-label={`Change ${row.name}…`} onClick={() => onChange(row.name)}>
            Change…
          </Button>
        ),
    },
  ]
  return (
    <section aria-labelledby="limit-rules" className="grid grid-cols-1 gap-3">
      <div>
        <h2 id="limit-rules">Limits</h2>
        <p className="text-ink-2">
          Figures are of the last day. What is watched lets everything through and counts what it would have
          refused.
        </p>
      </div>
      <div className="overflow-hidden rounded-card border border-line bg-surface">
        <DataTable label="Limits" columns={columns} rows={rows} id={({ name }) => name} />
      </div>
      {!canSet && <p className="text-sm text-ink-2">The groups security and operations set them.</p>}
    </section>
  )
}
