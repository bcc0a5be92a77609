import { CopyField } from '#portal/ui/copy-field.tsx'
import { numberInWords } from '#portal/ui/words.ts'
import { type Witness, Witnesses } from './witnesses.tsx'

type Known = Witness & { vkey: string; size: number }

/** Who else signs that the log only grows, with the keys that an auditor needs of them. */
export function LogWitnesses({ witnesses, threshold }: { witnesses: Known[]; threshold: number }) {
  return (
    <section aria-labelledby="log-witnesses" className="grid grid-cols-1 gap-3">
      <h2 id="log-witnesses">Witnesses</h2>
      <div className="grid grid-cols-1 gap-4 rounded-card border border-line bg-surface p-4">
        <Witnesses witnesses={witnesses} />
        {witnesses.length > 0 && (
          <p className="text-sm text-ink-2">
            A head of the log is to carry the signatures of {threshold} of {witnesses.length}. Get their keys
            from whoever runs them, and compare.
          </p>
        )}
        {witnesses.map(({ name, vkey, size }) => (
          <div key={name} className="grid grid-cols-1 gap-1.5">
            <p className="text-sm text-ink-2">
              <span className="mono break-all">{name}</span> has signed {numberInWords(size)} entries
            </p>
            <CopyField value={vkey} label={`Key of ${name}`} />
          </div>
        ))}
      </div>
    </section>
  )
}
