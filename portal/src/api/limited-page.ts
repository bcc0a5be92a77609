import type { Problem } from '#portal/platform/errors.ts'

/** Whether a person's browser opens this address as a page, and would show a problem document as source text. */
export const isNavigation = (headers: Headers) => /^text\/html\b/.test(headers.get('accept') ?? '')

/** What a limited person reads in place of the problem document: the same words, and where to go on. */
export function limitedPage({ title, detail, help, privacy }: Problem): string {
  return `<!doctype html>
<html lang="en-AU">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="robots" content="noindex">
<title>${escaped(title)}</title>
</head>
<body>
<main>
<h1>${escaped(title)}</h1>
<p>${escaped(detail)}</p>
<p><a href="${escaped(help)}">What this limit is, and how to ask for more</a></p>
<p><a href="${escaped(privacy)}">What is kept of this</a></p>
</main>
</body>
</html>
`
}

const escaped = (text: unknown) =>
  String(text ?? '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('"', '&quot;')
