import type { ReactNode } from 'react'
import { classes } from './classes.ts'

/** A real table in a frame that scrolls sideways on narrow screens, reachable by keyboard. */
export function Table({ label, heads, children }: { label: string; heads: string[]; children: ReactNode }) {
  return (
    <section
      aria-label={label}
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reachable by keyboard (WCAG 2.1.1)
      tabIndex={0}
      className="overflow-x-auto rounded-card border border-line bg-surface"
    >
      <table className="w-full border-collapse text-left">
        <thead>
          <tr>
            {heads.map((head) => (
              <th
                key={head}
                scope="col"
                className="border-b border-line px-3 py-2 text-xs font-medium whitespace-nowrap text-ink-3"
              >
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody className="[&>tr:last-child>td]:border-b-0">{children}</tbody>
      </table>
    </section>
  )
}

/** A cell, 44 px high at most where its content has one line. */
export function Cell({ children, className }: { children?: ReactNode; className?: string }) {
  return (
    <td className={classes('border-b border-line px-3 py-2.5 align-middle whitespace-nowrap', className)}>
      {children}
    </td>
  )
}
