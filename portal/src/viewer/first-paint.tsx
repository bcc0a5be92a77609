import { renderToStaticMarkup } from 'react-dom/server'
import { OpeningPage } from '#portal/modules/sharing/ui/ended-pages.tsx'
import { PosterPage } from '#portal/modules/sharing/ui/poster-page.tsx'

/** What stands in the page before its script has run: the same for every link. */
export const firstPaint = renderToStaticMarkup(<OpeningPage />)

/** The same for a browser that watches already; `POSTER` stands where the picture's address comes. */
export const posterPaint = renderToStaticMarkup(<PosterPage src="POSTER" />)
