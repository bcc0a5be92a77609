import { renderToStaticMarkup } from 'react-dom/server'
import { OpeningPage } from '#portal/modules/sharing/ui/ended-pages.tsx'

/** What stands in the page before its script has run: the same for every link. */
export const firstPaint = renderToStaticMarkup(<OpeningPage />)
