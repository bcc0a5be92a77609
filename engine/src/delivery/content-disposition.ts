const LONGEST = 150

/**
 * `Content-Disposition: attachment` with a file name as somebody wished it (RFC 6266): no path, no control or reserved
 * characters, the file's own extension; in ASCII for all, and in UTF-8 (RFC 8187) where that says more.
 */
export function contentDisposition(wished: string, file: string): string {
  const extension = file.slice(file.lastIndexOf('.'))
  const name = safeName(wished, extension) || file
  const ascii = name.replace(/[^\x20-\x7e]/g, '_')
  const plain = `attachment; filename="${ascii}"`
  return ascii === name ? plain : `${plain}; filename*=UTF-8''${encoded(name)}`
}

function safeName(wished: string, extension: string): string {
  const base = wished
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control and direction characters disguise a name
    .replace(/[\0-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/g, '')
    .replace(/["*/:<>?\\|%]/g, '_')
    .toWellFormed()
    .replace(/^[\s.]+|[\s.]+$/g, '')
  const stem = base.toLowerCase().endsWith(extension) ? base.slice(0, -extension.length) : base
  const short = [...stem].slice(0, LONGEST).join('').trim()
  return short === '' ? '' : short + extension
}

// RFC 8187 allows fewer characters bare than encodeURIComponent leaves.
const encoded = (name: string) =>
  encodeURIComponent(name).replace(/['()*]/g, (each) => `%${each.charCodeAt(0).toString(16).toUpperCase()}`)
