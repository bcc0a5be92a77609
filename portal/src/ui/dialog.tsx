'use client'

import { X } from 'lucide-react'
import { type ReactNode, useEffect, useId, useRef } from 'react'
import { classes } from './classes.ts'

type DialogProps = {
  open: boolean
  onClose: () => void
  title: ReactNode
  children: ReactNode
  /** a drawer stands at the right edge for detail; a dialog in the middle for one act */
  shape?: 'dialog' | 'drawer'
  aside?: ReactNode
}

/** A modal dialog on the browser's own: focus stays inside, Esc closes, focus goes back to where it was. */
export function Dialog({ open, onClose, title, children, shape = 'dialog', aside }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null)
  const heading = useId()
  useEffect(() => {
    const dialog = ref.current
    if (!dialog) return
    if (open && !dialog.open) {
      dialog.showModal()
      if (shape === 'dialog') focusFirstField(dialog)
    }
    if (!open && dialog.open) dialog.close()
  }, [open, shape])
  return (
    <dialog
      ref={ref}
      aria-labelledby={heading}
      className={classes(
        'border border-line bg-surface p-0 text-ink shadow-float open:animate-[rise_160ms_var(--ease-out)]',
        shape === 'dialog'
          ? 'w-[min(520px,calc(100vw-24px))] rounded-panel max-sm:mb-3'
          : 'my-0 mr-0 ml-auto h-dvh max-h-dvh w-[min(440px,100vw)] border-y-0 border-r-0',
      )}
      // Closed by its own `open`, for a layout that shows the same elsewhere: nobody has asked for an end.
      onClose={() => open && onClose()}
      onCancel={(event) => {
        event.preventDefault()
        onClose()
      }}
      onPointerDown={(event) => {
        if (event.target === ref.current && outside(event.currentTarget, event.clientX, event.clientY))
          onClose()
      }}
    >
      {open && (
        <div className="grid max-h-[inherit] gap-4 overflow-y-auto p-5">
          <div className="flex items-start justify-between gap-3">
            <h2 id={heading} className="min-w-0 text-lg leading-7">
              {title}
            </h2>
            <div className="flex items-center gap-2">
              {aside}
              <button
                type="button"
                onClick={onClose}
                aria-label="Close"
                className="-mr-1.5 grid size-7 shrink-0 place-items-center rounded-control text-ink-2 hover:bg-sunken max-sm:-my-2 max-sm:-mr-3 max-sm:size-11"
              >
                <X size={16} aria-hidden />
              </button>
            </div>
          </div>
          {children}
        </div>
      )}
    </dialog>
  )
}

/** Not at the button that closes it. On a phone a field would bring up the keyboard over what there is to read. */
function focusFirstField(dialog: HTMLDialogElement): void {
  if (!matchMedia('(pointer: fine)').matches) return
  const field = 'form :is(input, select, textarea):not(:disabled)'
  dialog.querySelector<HTMLElement>(field)?.focus()
}

function outside(element: HTMLElement, x: number, y: number): boolean {
  const box = element.getBoundingClientRect()
  return x < box.left || x > box.right || y < box.top || y > box.bottom
}

/** The row of buttons that ends a dialog; the act stands last. */
export function DialogActions({ children }: { children: ReactNode }) {
  return (
    <div className="flex flex-wrap justify-end gap-2 pt-1 max-sm:flex-col-reverse max-sm:[&>*]:w-full">
      {children}
    </div>
  )
}
