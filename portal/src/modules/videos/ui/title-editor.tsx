'use client'

import { Pencil } from 'lucide-react'
import { type FormEvent, useState } from 'react'
import { api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { inputClass } from '#portal/ui/field.tsx'

/** The page's name, which can be changed where it stands. */
export function TitleEditor({
  videoId,
  title,
  onRenamed,
}: {
  videoId: string
  title: string
  onRenamed: () => void
}) {
  const [draft, setDraft] = useState<string | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  async function save(event: FormEvent) {
    event.preventDefault()
    const wanted = (draft ?? '').trim()
    if (!wanted) return setError('A video needs a title.')
    if (wanted === title) return setDraft(null)
    setBusy(true)
    try {
      await api(`/api/videos/${encodeURIComponent(videoId)}`, { method: 'PATCH', body: { title: wanted } })
      setDraft(null)
      setError(null)
      onRenamed()
    } catch (thrown) {
      setError(sentenceFor(thrown))
    } finally {
      setBusy(false)
    }
  }

  if (draft === null) {
    return (
      <h1 className="flex items-start gap-1.5">
        <span className="min-w-0">{title}</span>
        <button
          type="button"
          onClick={() => setDraft(title)}
          aria-label="Change the title"
          title="Change the title"
          className="grid size-7 shrink-0 place-items-center rounded-control text-ink-3 hover:bg-sunken hover:text-ink max-sm:-my-2 max-sm:size-11"
        >
          <Pencil size={15} aria-hidden />
        </button>
      </h1>
    )
  }
  return (
    <form onSubmit={save} className="grid grid-cols-1 gap-1.5">
      <h1 className="sr-only">{title}</h1>
      <div className="flex flex-wrap gap-2">
        <input
          aria-label="Title"
          value={draft}
          maxLength={255}
          ref={(element) => element?.focus()}
          onChange={(event) => setDraft(event.target.value)}
          onKeyDown={(event) => event.key === 'Escape' && setDraft(null)}
          className={`${inputClass} flex-1 basis-60 max-sm:basis-full`}
        />
        <Button type="submit" look="solid" busy={busy}>
          Save
        </Button>
        <Button onClick={() => setDraft(null)}>Cancel</Button>
      </div>
      {error && (
        <p role="alert" className="text-sm text-stop">
          {error}
        </p>
      )}
    </form>
  )
}
