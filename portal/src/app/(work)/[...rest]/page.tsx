import { notFound } from 'next/navigation'

/** With two root layouts, an unknown address needs a page of its own to find the not-found one. */
export default function UnknownPage() {
  notFound()
}
