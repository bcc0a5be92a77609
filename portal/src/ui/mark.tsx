import { classes } from './classes.ts'

/** The product's mark and name. */
export function Mark({ className }: { className?: string }) {
  return (
    <span
      className={classes(
        'inline-flex items-center gap-2.5 font-semibold tracking-[-.01em] whitespace-nowrap',
        className,
      )}
    >
      <svg viewBox="0 0 18 18" className="size-[18px] shrink-0" aria-hidden="true">
        <rect width="18" height="18" rx="5" className="fill-solid" />
        <path d="M6 5l8 4-8 4z" className="fill-on-solid" />
      </svg>
      Motion Mavericks
    </span>
  )
}
