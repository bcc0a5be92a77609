import { buttonClass } from '#portal/ui/button.tsx'
import { Choice, Field } from '#portal/ui/field.tsx'

/** Filters that stand in the address, so that a search can be sent on. */
export function AuditFilters({
  action,
  outcome,
  target,
}: {
  action?: string
  outcome?: string
  target?: string
}) {
  return (
    <form action="/admin/audit" className="flex flex-wrap items-end gap-3">
      <Field
        label="Action"
        name="action"
        defaultValue={action}
        maxLength={64}
        placeholder="share. or share.revoke"
        className="min-w-44 flex-1"
      />
      <Field
        label="Target"
        name="target"
        defaultValue={target}
        maxLength={128}
        placeholder="shr_…"
        className="min-w-44 flex-1"
      />
      <Choice label="Outcome" name="outcome" defaultValue={outcome ?? ''} className="min-w-36">
        <option value="">Any</option>
        <option value="allowed">Allowed</option>
        <option value="refused">Refused</option>
        <option value="failed">Failed</option>
      </Choice>
      <button type="submit" className={buttonClass('plain')}>
        Search
      </button>
    </form>
  )
}
