'use client'

import Link from 'next/link'
import { useState } from 'react'
import type { SavedLogSearch } from '#portal/modules/audit/answers.ts'
import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { classes } from '#portal/ui/classes.ts'
import { Dialog } from '#portal/ui/dialog.tsx'
import { Field, FormError } from '#portal/ui/field.tsx'
import { SendForm } from '#portal/ui/send-form.tsx'
import { useReachableRefresh } from '#portal/ui/use-refresh.ts'
import { useSend } from '#portal/ui/use-send.ts'
import { type LogQuery, queryIn, queryText } from './log-query.ts'

const textOf = (search: SavedLogSearch) => queryText(queryIn((name) => search.query[name]))

/** The administrator's named searches of the log. */
export function SavedSearches({ searches, query }: { searches: SavedLogSearch[]; query: LogQuery }) {
  const [open, setOpen] = useState(false)
  const refresh = useReachableRefresh()
  const here = queryText(query)
  if (searches.length === 0 && here === '') return null
  return (
    <nav aria-label="Saved searches" className="flex flex-wrap items-center gap-1.5">
      {searches.map((search) => (
        <Link
          key={search.id}
          href={`/admin/audit?${textOf(search)}`}
          prefetch={false}
          aria-current={textOf(search) === here ? 'true' : undefined}
          className={classes(
            'inline-flex h-[30px] max-w-60 items-center rounded-chip border px-2.5 text-xs font-medium max-sm:h-11',
            textOf(search) === here
              ? 'border-ink bg-sunken text-ink'
              : 'border-line text-ink-2 hover:bg-sunken hover:text-ink',
          )}
        >
          <span className="truncate">{search.name}</span>
        </Link>
      ))}
      <Button small look="quiet" onClick={() => setOpen(true)}>
        {searches.length > 0 ? 'Save or delete searches…' : 'Save this search…'}
      </Button>
      <Dialog open={open} onClose={() => setOpen(false)} title="Saved searches">
        <SendForm
          act="Save the search"
          onClose={() => setOpen(false)}
          onDone={refresh}
          send={(text) =>
            api('/api/admin/audit/searches', { method: 'PUT', body: { name: text('name'), query } })
          }
        >
          {(faults) => (
            <Field
              label="Name of this search"
              name="name"
              hint="Keeps the words and filters as they are now. The same name replaces a search."
              defaultValue={searches.find((search) => textOf(search) === here)?.name}
              required
              maxLength={60}
              error={faults.name}
            />
          )}
        </SendForm>
        {searches.length > 0 && <OwnSearches searches={searches} onDeleted={refresh} />}
      </Dialog>
    </nav>
  )
}

function OwnSearches({ searches, onDeleted }: { searches: SavedLogSearch[]; onDeleted: () => void }) {
  const { error, send } = useSend()
  const remove = ({ id }: SavedLogSearch) =>
    void send(async () => {
      await api(`/api/admin/audit/searches/${encodeURIComponent(id)}`, { method: 'DELETE' })
      onDeleted()
    })
  return (
    <>
      <FormError>{error}</FormError>
      <ul aria-label="Your searches" className="grid grid-cols-1 gap-1 pt-3">
        {searches.map((search) => (
          <li key={search.id} className="flex items-center justify-between gap-3 text-sm">
            <span className="min-w-0 truncate">{search.name}</span>
            <Button
              small
              look="quiet"
              onClick={() => remove(search)}
              aria-label={`Delete the search ${search.name}`}
            >
              Delete
            </Button>
          </li>
        ))}
      </ul>
    </>
  )
}
