import { ChevronDown } from 'lucide-react'
import { DOWNLOADS } from '#portal/modules/sharing/rules.ts'
import { Choice, Field, TextArea, Tick } from '#portal/ui/field.tsx'
import type { ShareForm } from './share-form.ts'
import { downloadWords } from './share-words.ts'

type ConditionsProps = {
  form: ShareForm
  faults: Partial<Record<string, string>>
  set: (change: Partial<ShareForm>) => void
}

/** What most links do not need: opened on demand, and by itself where one of its fields is wrong. */
export function ShareConditions({ form, faults, set }: ConditionsProps) {
  const wrong = ['deny', 'startsAt', 'maxViewers', 'agreement', 'note', 'download'].some(
    (field) => faults[field],
  )
  return (
    <details
      className="group rounded-control border border-line open:pb-3"
      {...(wrong ? { open: true } : {})}
    >
      <summary className="flex min-h-9 cursor-pointer items-center justify-between rounded-control px-3 text-sm font-medium max-sm:min-h-11">
        More conditions
        <ChevronDown size={16} aria-hidden className="text-ink-2 group-open:rotate-180" />
      </summary>
      <div className="grid grid-cols-1 gap-4 px-3 pt-2">
        <div className="grid grid-cols-2 gap-4 max-sm:grid-cols-1">
          <Field
            label="Opens"
            optional
            type="datetime-local"
            hint="At once, unless you say when."
            value={form.startsAt}
            error={faults.startsAt}
            onChange={(event) => set({ startsAt: event.target.value })}
          />
          <Field
            label="People at most"
            optional
            inputMode="numeric"
            placeholder="any number"
            hint="Each counts once, however often they watch."
            value={form.maxViewers}
            error={faults.maxViewers}
            onChange={(event) => set({ maxViewers: event.target.value })}
          />
        </div>
        {form.access !== 'link' && (
          <TextArea
            label="Never these addresses or domains"
            optional
            rows={2}
            value={form.deny}
            error={faults.deny}
            onChange={(event) => set({ deny: event.target.value })}
            spellCheck={false}
          />
        )}
        <TextArea
          label="They must agree to"
          optional
          rows={3}
          maxLength={20_000}
          hint="Shown before the video. Who agreed to which version, and when, is kept."
          value={form.agreement}
          error={faults.agreement}
          onChange={(event) => set({ agreement: event.target.value })}
        />
        <TextArea
          label="Note to the viewer"
          optional
          rows={2}
          maxLength={500}
          hint="Shown beside the video."
          value={form.note}
          error={faults.note}
          onChange={(event) => set({ note: event.target.value })}
        />
        <Tick
          label="Watermark"
          hint="The viewer’s address and the time move over the picture. It discourages recording; it cannot prevent it."
          checked={form.watermark}
          onChange={(event) => set({ watermark: event.target.checked })}
        />
        <Tick
          label="One device"
          hint="It opens on the device that begins first, and on no other. You can release that device."
          checked={form.oneDevice}
          onChange={(event) => set({ oneDevice: event.target.checked })}
        />
        <Tick
          label="Keep which parts are watched"
          hint="For you alone; viewers are told before they watch, and may object. Without it you only see that somebody came, and when."
          checked={form.analytics}
          onChange={(event) => set({ analytics: event.target.checked })}
        />
        <Choice
          label="Download"
          hint={
            form.watermark && form.download
              ? 'The viewer’s address and the time are burnt into each copy.'
              : 'A copy that was taken away cannot be taken back.'
          }
          value={form.download}
          error={faults.download}
          onChange={(event) => set({ download: event.target.value as ShareForm['download'] })}
        >
          <option value="">not allowed</option>
          {DOWNLOADS.map((download) => (
            <option key={download} value={download}>
              {downloadWords[download]}
            </option>
          ))}
        </Choice>
      </div>
    </details>
  )
}
