declare module '*.css'

/**
 * Goes into pages as it is, so what there is to say of one stands here and not in it, where strangers would read it.
 *
 * `trusted-types.inline.js` is the default Trusted Types policy: it runs in <head> before every other script, and lets through
 * the markup that React, media-chrome and hls-video-element write for themselves and this origin's own built scripts, nothing
 * else. An address is given back as it came: the bundler finds its chunks again by what stands in the attribute.
 */
declare module '*.inline.js' {
  const source: string
  export default source
}
