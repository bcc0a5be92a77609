import { Button } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { type Column, DataTable } from '#portal/ui/data-table.tsx'
import { ABUSE_RULE_NAMES, type AbuseRule, type AbuseRuleName, type AbuseRules } from '../rules.ts'
import { answerInWords, ruleInWords } from './rule-words.ts'

type Row = AbuseRule & { name: AbuseRuleName }

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
  const mode = (row: Row) =>
    enforced && row.mode === 'enforce' ? <Chip>Enforced</Chip> : <Chip tone="warn">Watched</Chip>
  const columns: Column<Row>[] = [
    {
      name: 'rule',
      head: 'Rule',
      cell: (row) => (
        <div className="min-w-0">
          <p className="font-medium">{row.title}</p>
          <p className="text-xs text-ink-2">{ruleInWords(row)}</p>
          <p className="flex flex-wrap items-center gap-x-3 gap-y-1 py-1 text-xs sm:hidden">
            {mode(row)}
            <span>{answerInWords(row)}</span>
          </p>
        </div>
      ),
    },
    {
      name: 'action',
      head: 'Then',
      from: 'sm',
      cell: answerInWords,
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
      cell: mode,
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
    <section aria-labelledby="abuse-rules" className="grid grid-cols-1 gap-3">
      <div>
        <h2 id="abuse-rules">Rules</h2>
        <p className="text-ink-2">
          An answer holds at the doors that its rule guards, and lasts longer each time that it comes again
          within a day. A proof of work is a second of computing by the browser, which people hardly notice. A
          watched rule only tells.
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
