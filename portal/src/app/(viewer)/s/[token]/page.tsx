import { Viewer } from '#portal/modules/sharing/ui/viewer.tsx'

/** The same page for every token: what a link is worth is asked by the browser, and one answer refuses them all. */
export default async function ViewerPage({ params }: { params: Promise<{ token: string }> }) {
  const { token } = await params
  return <Viewer token={token} />
}
