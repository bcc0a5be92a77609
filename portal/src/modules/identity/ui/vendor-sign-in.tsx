import { buttonClass } from '#portal/ui/button.tsx'
import { classes } from '#portal/ui/classes.ts'
import { FormError } from '#portal/ui/field.tsx'

const TOLD: Record<string, string> = {
  again: 'That sign-in was not finished, or took too long. Try once more.',
  stopped: 'The sign-in was stopped over there. Try once more, or sign in another way.',
  untrusted:
    'What came back from over there could not be trusted, so nobody was signed in. Try once more; if it stays so, tell the administrator.',
  unverified:
    'The address of your account over there was never confirmed, so it counts for nothing here. Confirm it there, then try once more.',
  unavailable: 'The sign-in service does not answer right now. Try again in a moment.',
  'not-invited':
    'You signed in there, but nobody here has invited that address. Ask the person who works with you here for an invitation.',
}

/** Sign-in on the page of another identity service; `outcome` is what became of the last try. */
export function VendorSignIn({
  path,
  name,
  outcome,
  look = 'solid',
}: {
  path: string
  name: string
  outcome: string | undefined
  /** plain where another way on the page comes first */
  look?: 'solid' | 'plain'
}) {
  return (
    <div className="grid grid-cols-1 gap-4">
      <FormError>{outcome ? TOLD[outcome] : null}</FormError>
      {/* A full navigation on purpose: it leaves this site. */}
      <a href={path} className={classes(buttonClass(look), 'min-h-11 whitespace-normal')}>
        {name}
      </a>
    </div>
  )
}
