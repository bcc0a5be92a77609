import './viewer.css'
import { createRoot } from 'react-dom/client'
import { Viewer } from '#portal/modules/sharing/ui/viewer.tsx'

// The link's token stands in the address alone: the page is the same for every token.
const token = decodeURIComponent(location.pathname.split('/')[2] ?? '')
const root = document.getElementById('viewer')
// Only a browser that watches already was sent a picture.
const poster = root?.querySelector('img')?.src ?? null
if (root) createRoot(root).render(<Viewer token={token} poster={poster} />)
