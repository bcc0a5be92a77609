import { CopyField } from '#portal/ui/copy-field.tsx'

/** How far the log is signed, and what anybody needs to check it without us. */
export function AuditHead({ size, vkey }: { size: number; vkey: string }) {
  return (
    <section aria-labelledby="head" className="grid gap-3 rounded-card border border-line bg-surface p-4">
      <h2 id="head">Signed over {size.toLocaleString('en-AU')} events</h2>
      <p className="text-ink-2">
        Keep this key somewhere else. With it and an export,{' '}
        <span className="mono">npm run portal -- audit verify</span> proves offline that no event was changed,
        removed or put between others.
      </p>
      <CopyField value={vkey} label="Key that verifies the log" />
    </section>
  )
}
