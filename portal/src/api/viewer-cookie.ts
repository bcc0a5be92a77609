/** One cookie a browser; it names nobody, and its hash finds this browser's sessions. */
export const VIEWER_COOKIE = '__Host-mm-viewer'
