import { FormError } from '#portal/ui/field.tsx'

const TOLD: Record<string, string> = {
  again: 'That sign-in was not finished, or took too long. Try once more.',
  'not-invited':
    'You signed in there, but nobody here has invited that address. Ask the person who works with you here for an invitation.',
}

/** Sign-in on the page of another identity service; `outcome` is what became of the last try. */
export function VendorSignIn({
  path,
  name,
  outcome,
}: {
  path: string
  name: string
  outcome: string | undefined
}) {
  return (
    <div className="grid grid-cols-1 gap-4">
      <FormError>{outcome ? TOLD[outcome] : null}</FormError>
      {/* A full navigation on purpose: it leaves this site. */}
      <a
        href={path}
        className="flex min-h-11 items-center justify-center rounded-control bg-solid px-4 font-medium text-on-solid hover:opacity-90"
      >
        {name}
      </a>
    </div>
  )
}
