import { type ReactNode, useId } from 'react'

/** One thing of an account: what it is, one line about it, and what to do with it. */
export function AccountSection({
  title,
  lead,
  children,
}: {
  title: string
  lead?: ReactNode
  children: ReactNode
}) {
  const heading = useId()
  return (
    <section
      aria-labelledby={heading}
      className="grid grid-cols-1 gap-3 rounded-card border border-line bg-surface p-5"
    >
      <div>
        <h2 id={heading}>{title}</h2>
        {lead && <p className="text-ink-2">{lead}</p>}
      </div>
      {children}
    </section>
  )
}
