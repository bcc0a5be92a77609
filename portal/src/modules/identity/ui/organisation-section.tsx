'use client'

import { type FormEvent, useState } from 'react'
import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { type Column, DataTable } from '#portal/ui/data-table.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { Choice, Field, FormError } from '#portal/ui/field.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useSend } from '#portal/ui/use-send.ts'

export type OrganisationItem = { id: string; name: string; region: string; createdAt: string; people: number }

const regionWords: Record<string, string> = { AU: 'Australia', EU: 'European Union' }

const columns: Column<OrganisationItem>[] = [
  {
    name: 'name',
    head: 'Organisation',
    className: 'max-w-0 w-[46%]',
    cell: ({ name }) => (
      <span className="block truncate font-medium" title={name}>
        {name}
      </span>
    ),
  },
  {
    name: 'region',
    head: 'Region',
    className: 'whitespace-nowrap',
    cell: ({ region }) => regionWords[region] ?? region,
  },
  { name: 'people', head: 'People', numeric: true, className: 'mono', cell: ({ people }) => people },
  {
    name: 'since',
    head: 'Since',
    from: 'md',
    className: 'whitespace-nowrap mono',
    cell: ({ createdAt }) => <Instant at={createdAt} />,
  },
]

/** Every organisation with its region and how many people it has. */
export function OrganisationSection({
  organisations,
  mayAdd,
  onDone,
}: {
  organisations: OrganisationItem[]
  mayAdd: boolean
  onDone: () => void
}) {
  const [making, setMaking] = useState(false)
  return (
    <section aria-labelledby="organisations" className="grid grid-cols-1 gap-2">
      <div className="flex flex-wrap items-center justify-between gap-2">
        <h2 id="organisations">Organisations</h2>
        {mayAdd && (
          <Button small onClick={() => setMaking(true)}>
            New organisation
          </Button>
        )}
      </div>
      <div className="overflow-hidden rounded-card border border-line bg-surface">
        <DataTable label="Organisations" columns={columns} rows={organisations} id={({ id }) => id} />
      </div>
      <Dialog open={making} onClose={() => setMaking(false)} title="New organisation">
        <OrganisationForm
          onClose={() => setMaking(false)}
          onDone={() => {
            onDone()
            setMaking(false)
          }}
        />
      </Dialog>
    </section>
  )
}

function OrganisationForm({ onClose, onDone }: { onClose: () => void; onDone: () => void }) {
  const { busy, error, fields, send } = useSend()
  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault()
    const form = new FormData(event.currentTarget)
    const region = form.get('region')
    const body = { name: String(form.get('name')).trim(), ...(region ? { region } : {}) }
    await send(async () => {
      await api('/api/admin/organisations', { method: 'POST', body })
      onDone()
    })
  }
  return (
    <form onSubmit={submit} className="grid grid-cols-1 gap-4">
      <FormError>{error}</FormError>
      <Field label="Name" name="name" required maxLength={120} autoComplete="off" error={fields.name} />
      <Choice label="Region" name="region" defaultValue="" error={fields.region}>
        <option value="">The region of this portal</option>
        {Object.entries(regionWords).map(([region, word]) => (
          <option key={region} value={region}>
            {word}
          </option>
        ))}
      </Choice>
      <DialogActions>
        <Button onClick={onClose}>Cancel</Button>
        <Button type="submit" look="solid" busy={busy}>
          Make it
        </Button>
      </DialogActions>
    </form>
  )
}
