import { inWords } from '#portal/modules/limits/rules.ts'
import { Button } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { type Column, DataTable } from '#portal/ui/data-table.tsx'
import {
  ABUSE_ACTIONS,
  ABUSE_RULE_NAMES,
  ABUSE_SUBJECTS,
  type AbuseRule,
  type AbuseRuleName,
  type AbuseRules,
  SIGNALS,
} from '../rules.ts'

type Row = AbuseRule & { name: AbuseRuleName }

const COUNTED = { tries: 'times', accounts: 'different accounts', links: 'different links' }

/** Every rule: what it counts, of whom, and what it does. */
export function AbuseRulesTable({
  rules,
  enforced,
  canSet,
  onChange,
}: {
  rules: AbuseRules
  enforced: boolean
  canSet: boolean
  onChange: (name: AbuseRuleName) => void
}) {
  const columns: Column<Row>[] = [
    {
      name: 'rule',
      head: 'Rule',
      cell: (row) => (
        <div className="min-w-0">
          <p className="font-medium">{row.title}</p>
          <p className="text-xs text-ink-2">
            {SIGNALS[row.signal]}, {COUNTED[row.counts]}: {inWords({ ...row, quota: row.threshold })} by{' '}
            {ABUSE_SUBJECTS[row.by]}
          </p>
        </div>
      ),
    },
    {
      name: 'action',
      head: 'Then',
      from: 'sm',
      cell: (row) => (
        <>
          {ABUSE_ACTIONS[row.action]}, {minutes(row.lastsSeconds)}
        </>
      ),
    },
    {
      name: 'alert',
      head: 'Alert',
      from: 'lg',
      cell: (row) => (row.alert ? 'yes' : 'no'),
    },
    {
      name: 'mode',
      head: 'Mode',
      from: 'sm',
      cell: (row) =>
        enforced && row.mode === 'enforce' ? <Chip>Enforced</Chip> : <Chip tone="warn">Watched</Chip>,
    },
    {
      name: 'act',
      head: <span className="sr-only">Change</span>,
      numeric: true,
      cell: (row) =>
        canSet && (
          <Button aria-label={`Change ${row.name}…`} onClick={() => onChange(row.name)}>
            Change…
          </Button>
        ),
    },
  ]
  return (
    <section aria-labelledby="abuse-rules" className="grid grid-cols-1 gap-3">
      <div>
        <h2 id="abuse-rules">Rules</h2>
        <p className="text-ink-2">
          An answer holds at the doors that its rule guards, and lasts longer each time that it comes again
          within a day. A watched rule only tells.
        </p>
      </div>
      <div className="overflow-hidden rounded-card border border-line bg-surface">
        <DataTable
          label="Rules of abuse"
          columns={columns}
          rows={ABUSE_RULE_NAMES.map((name) => ({ name, ...rules[name] }))}
          id={({ name }) => name}
        />
      </div>
      {!canSet && <p className="text-sm text-ink-2">The groups security and operations set them.</p>}
    </section>
  )
}

const minutes = (seconds: number) =>
  seconds < 120 ? `${seconds} s` : `${Math.round(seconds / 60).toLocaleString('en-AU')} min`
