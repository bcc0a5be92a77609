'use client'

import { type FormEvent, useState } from 'react'
import { ApiError, api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { inputClass } from '#portal/ui/field.tsx'
import { clock, counted } from '#portal/ui/words.ts'
import { type Chapter, chaptersText, readChapters } from '../rules.ts'

/** The chapters of a video, written as lines of time and title; what is wrong is said before it is sent. */
export function ChaptersEditor({
  videoId,
  chapters,
  duration,
  onSaved,
}: {
  videoId: string
  chapters: Chapter[]
  duration: number | null
  onSaved: () => void
}) {
  const [draft, setDraft] = useState<string | null>(null)
  const [error, setError] = useState<string | null>(null)
  const [busy, setBusy] = useState(false)

  async function save(event: FormEvent) {
    event.preventDefault()
    const text = draft ?? ''
    const read = readChapters(text, duration)
    if ('wrong' in read) return setError(`Line ${read.line} ${read.wrong}.`)
    setBusy(true)
    try {
      await api(`/api/videos/${encodeURIComponent(videoId)}/chapters`, { method: 'PUT', body: { text } })
      setDraft(null)
      setError(null)
      onSaved()
    } catch (thrown) {
      const wrong = thrown instanceof ApiError ? thrown.fields.text : undefined
      setError(wrong ? `The text: ${wrong}.` : sentenceFor(thrown))
    } finally {
      setBusy(false)
    }
  }

  return (
    <section aria-labelledby="chapters" className="grid grid-cols-1 gap-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 id="chapters">Chapters</h2>
        {draft === null && (
          <Button small onClick={() => setDraft(chaptersText(chapters))}>
            {chapters.length > 0 ? 'Change the chapters' : 'Add chapters'}
          </Button>
        )}
      </div>
      {draft === null ? (
        <p className="[overflow-wrap:anywhere] text-sm text-ink-2">
          {chapters.length > 0
            ? `${counted(chapters.length, 'chapter')}: ${chapters.map(({ at, title }) => `${clock(at)} ${title}`).join(' · ')}`
            : 'None. Viewers see them on the seek bar and in a list under the player.'}
        </p>
      ) : (
        <form onSubmit={save} className="grid grid-cols-1 gap-2">
          <label htmlFor="chapter-lines" className="text-sm text-ink-2">
            One a line: the time it begins, then its title, such as “0:00 Opening”. Empty for none.
          </label>
          <textarea
            id="chapter-lines"
            rows={Math.min(14, Math.max(4, draft.split('\n').length + 1))}
            value={draft}
            aria-invalid={error !== null}
            aria-describedby={error ? 'chapters-wrong' : undefined}
            ref={(element) => {
              if (element && document.activeElement === document.body) element.focus()
            }}
            onChange={(event) => setDraft(event.target.value)}
            className={`${inputClass} mono h-auto py-2`}
          />
          {error && (
            <p id="chapters-wrong" role="alert" className="text-sm text-stop">
              {error}
            </p>
          )}
          <div className="flex gap-2">
            <Button type="submit" look="solid" busy={busy}>
              Save the chapters
            </Button>
            <Button
              onClick={() => {
                setDraft(null)
                setError(null)
              }}
            >
              Cancel
            </Button>
          </div>
        </form>
      )}
    </section>
  )
}
