'use client'

import Link from 'next/link'
import { type FormEvent, useState } from 'react'
import { api, sentenceFor } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { classes } from '#portal/ui/classes.ts'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { Field, FormError, Tick } from '#portal/ui/field.tsx'
import { queryIn, queryText, type ShareListQuery } from './share-list-query.ts'

export type SavedView = { id: string; name: string; query: Record<string, string>; isDefault: boolean }

const viewPath = (query: string) => `/admin/shares?${query || 'view=all'}`
const textOf = (view: SavedView) => plainText(queryIn((name) => view.query[name]))
// Named or not, the list begins with the newest.
const plainText = (query: ShareListQuery) =>
  queryText(query, query.sort === 'created' ? { sort: undefined } : {})

/** The administrator's named ways of looking at the list. */
export function SavedViews({
  views,
  query,
  onChanged,
}: {
  views: SavedView[]
  query: ShareListQuery
  onChanged: () => void
}) {
  const [saving, setSaving] = useState(false)
  const here = plainText(query)
  return (
    <nav aria-label="Saved views" className="flex flex-wrap items-center gap-1.5">
      {views.map((view) => {
        const isHere = textOf(view) === here
        return (
          <Link
            key={view.id}
            href={viewPath(textOf(view))}
            prefetch={false}
            aria-current={isHere ? 'true' : undefined}
            className={classes(
              'inline-flex h-[30px] max-w-60 items-center rounded-chip border px-2.5 text-xs font-medium max-sm:h-11',
              isHere
                ? 'border-ink bg-sunken text-ink'
                : 'border-line text-ink-2 hover:bg-sunken hover:text-ink',
            )}
          >
            <span className="truncate">{view.name}</span>
            {view.isDefault && <span className="pl-1 text-ink-3">(first)</span>}
          </Link>
        )
      })}
      <Button small look="quiet" onClick={() => setSaving(true)}>
        {views.length > 0 ? 'Save or delete views…' : 'Save this view…'}
      </Button>
      <Dialog open={saving} onClose={() => setSaving(false)} title="Saved views">
        <ViewForm
          views={views}
          query={query}
          onSaved={() => {
            setSaving(false)
            onChanged()
          }}
          onDeleted={onChanged}
        />
      </Dialog>
    </nav>
  )
}

function ViewForm({
  views,
  query,
  onSaved,
  onDeleted,
}: {
  views: SavedView[]
  query: ShareListQuery
  onSaved: () => void
  onDeleted: () => void
}) {
  const current = views.find((view) => textOf(view) === plainText(query))
  const [name, setName] = useState(current?.name ?? '')
  const [isDefault, setDefault] = useState(current?.isDefault ?? false)
  const [error, setError] = useState<string | null>(null)

  const attempt = async (act: () => Promise<unknown>, done: () => void) => {
    setError(null)
    try {
      await act()
      done()
    } catch (thrown) {
      setError(sentenceFor(thrown))
    }
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    void attempt(
      () => api('/api/admin/share-views', { method: 'PUT', body: { name: name.trim(), query, isDefault } }),
      onSaved,
    )
  }
  const remove = (view: SavedView) =>
    attempt(
      () => api(`/api/admin/share-views/${encodeURIComponent(view.id)}`, { method: 'DELETE' }),
      onDeleted,
    )

  return (
    <form onSubmit={submit} className="grid grid-cols-1 gap-4">
      <FormError>{error}</FormError>
      <Field
        label="Name of this view"
        hint="Keeps the search, the filters and the order as they are now. The same name replaces a view."
        value={name}
        required
        maxLength={60}
        onChange={(event) => setName(event.target.value)}
      />
      <Tick
        label="Show it first when I open the list"
        checked={isDefault}
        onChange={(event) => setDefault(event.target.checked)}
      />
      {views.length > 0 && (
        <ul aria-label="Your views" className="grid grid-cols-1 gap-1">
          {views.map((view) => (
            <li key={view.id} className="flex items-center justify-between gap-3 text-sm">
              <span className="min-w-0 truncate">{view.name}</span>
              <Button
                small
                look="quiet"
                onClick={() => remove(view)}
                aria-label={`Delete the view ${view.name}`}
              >
                Delete
              </Button>
            </li>
          ))}
        </ul>
      )}
      <DialogActions>
        <Button type="submit" look="solid">
          Save the view
        </Button>
      </DialogActions>
    </form>
  )
}
