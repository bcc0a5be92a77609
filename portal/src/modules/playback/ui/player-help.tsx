'use client'

import { Dialog } from '#portal/ui/dialog.tsx'
import { keyHelp } from './player-keys.ts'

/** The keys of the player. */
export function PlayerHelp({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog open={open} onClose={onClose} title="Keys">
      <dl className="grid grid-cols-[auto_1fr] gap-x-6 gap-y-2">
        {keyHelp.map(({ keys, says }) => (
          <div key={says} className="contents">
            <dt className="flex gap-1">
              {keys.map((key) => (
                <kbd
                  key={key}
                  className="mono grid h-6 min-w-6 place-items-center rounded-chip border border-line-strong bg-sunken px-1.5"
                >
                  {key}
                </kbd>
              ))}
            </dt>
            <dd className="text-ink-2">{says}</dd>
          </div>
        ))}
      </dl>
    </Dialog>
  )
}
