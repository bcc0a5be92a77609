'use client'

import { useState } from 'react'
import { api } from '#portal/ui/api-client.ts'
import { Button } from '#portal/ui/button.tsx'
import { Chip } from '#portal/ui/chip.tsx'
import { Dialog, DialogActions } from '#portal/ui/dialog.tsx'
import { FormError } from '#portal/ui/field.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { Instant } from '#portal/ui/time.tsx'
import { useRefresh } from '#portal/ui/use-refresh.ts'
import { useSend } from '#portal/ui/use-send.ts'
import { MakeKeyDialog } from './make-key-dialog.tsx'

type KeyItem = {
  id: string
  name: string
  shown: string
  scopes: string[]
  status: 'active' | 'expired' | 'revoked'
  expiresAt: string
  lastUsedOn: string | null
}

/** A person's keys for their programs: make one, see it once, end it. */
export function KeysDesk({ keys }: { keys: KeyItem[] }) {
  const [making, setMaking] = useState(false)
  const [ending, setEnding] = useState<KeyItem | null>(null)
  const refresh = useRefresh(60_000)
  const make = (
    <Button look="solid" onClick={() => setMaking(true)}>
      Make a key
    </Button>
  )
  return (
    <section aria-labelledby="keys" className="grid grid-cols-1 gap-3">
      <div className="flex flex-wrap items-start justify-between gap-3">
        <div className="min-w-0">
          <h2 id="keys">API keys</h2>
          <p className="text-ink-2">
            For programs that work for you. A key does what you may do, within its scopes, and nothing that
            takes a person.
          </p>
        </div>
        {keys.length > 0 && make}
      </div>
      {keys.length === 0 ? (
        <EmptyState title="No keys yet" action={make}>
          A key begins with mmk_, so that scanners find one that leaked.
        </EmptyState>
      ) : (
        <ul className="overflow-hidden rounded-card border border-line bg-surface">
          {keys.map((key) => (
            <KeyRow key={key.id} item={key} onEnd={() => setEnding(key)} />
          ))}
        </ul>
      )}
      <MakeKeyDialog open={making} onClose={() => setMaking(false)} onMade={refresh} />
      <EndKey item={ending} onClose={() => setEnding(null)} onEnded={refresh} />
    </section>
  )
}

function KeyRow({ item, onEnd }: { item: KeyItem; onEnd: () => void }) {
  return (
    <li className="flex flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-3 last:border-b-0">
      <div className="min-w-0 flex-1 basis-60">
        <p className="truncate font-medium" title={item.name}>
          {item.name} <code className="mono text-xs font-normal text-ink-2">{item.shown}</code>
        </p>
        <p className="text-xs break-words text-ink-2">
          {item.scopes.join(', ')} · until <Instant at={item.expiresAt} /> ·{' '}
          {item.lastUsedOn ? `last used on ${item.lastUsedOn}` : 'never used'}
        </p>
      </div>
      {item.status === 'active' ? (
        <Button onClick={onEnd} aria-label={`Revoke ${item.name}`}>
          Revoke
        </Button>
      ) : (
        <Chip>{item.status === 'expired' ? 'Expired' : 'Revoked'}</Chip>
      )}
    </li>
  )
}

function EndKey({
  item,
  onClose,
  onEnded,
}: {
  item: KeyItem | null
  onClose: () => void
  onEnded: () => void
}) {
  const { busy, error, send } = useSend()
  const end = () =>
    send(async () => {
      await api(`/api/account/keys/${item?.id}/revoke`, { method: 'POST', body: {} })
      onEnded()
      onClose()
    })
  return (
    <Dialog open={item !== null} onClose={onClose} title="Revoke this key?">
      <FormError>{error}</FormError>
      <p className="text-ink-2">
        {item?.name} stops working at once, wherever it is in use. It can’t be brought back.
      </p>
      <DialogActions>
        <Button onClick={onClose}>Keep it</Button>
        <Button look="stop" onClick={end} busy={busy}>
          Revoke
        </Button>
      </DialogActions>
    </Dialog>
  )
}
