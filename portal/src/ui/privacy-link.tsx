import { classes } from './classes.ts'

/** To what is kept of whoever reads. In a tab of its own: half-typed forms and films stay as they are. */
export function PrivacyLink({ className }: { className?: string }) {
  return (
    <a
      href="/privacy"
      target="_blank"
      rel="noopener"
      className={classes(
        'inline-flex min-h-6 items-center rounded-chip underline underline-offset-2 max-sm:min-h-11',
        className,
      )}
    >
      Privacy<span className="sr-only"> (opens in a new tab)</span>
    </a>
  )
}
