import type { KeyboardEventHandler, ReactNode } from 'react'

/** The cell that opens a row's detail, and that arrow keys go to (see DataTable): a name, and what stands below it. */
export function RowButton({
  name,
  title,
  onOpen,
  children,
  ...keys
}: {
  name: ReactNode
  title?: string | undefined
  onOpen: () => void
  /** below the name */
  children?: ReactNode
  onKeyDown?: KeyboardEventHandler
  onKeyUp?: KeyboardEventHandler
  'aria-keyshortcuts'?: string
}) {
  return (
    <button
      {...keys}
      type="button"
      data-row
      aria-haspopup="dialog"
      onClick={onOpen}
      className="block w-full rounded-chip py-0.5 text-left leading-[18px]"
    >
      <span className="block truncate font-medium" title={title}>
        {name}
      </span>
      {children}
    </button>
  )
}

/** Words that are cut off where there is no room, and whole on hover. */
export function Clipped({ title, children }: { title: string; children: ReactNode }) {
  return (
    <span className="block truncate" title={title}>
      {children}
    </span>
  )
}
