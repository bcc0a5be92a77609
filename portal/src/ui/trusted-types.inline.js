;(() => {
  const nonce = document.currentScript.nonce
  const elements =
    /^(?:media-[a-z-]+|style|slot|template|div|span|video|audio|img|svg|g|path|rect|circle|polygon|line|text|clipPath|animateTransform|defs|mask|title|label|input|p|br|h2|h3|ul|li|table|tbody|thead|tr|td|th|kbd|b|button|section|header)$/
  const config = /<script type="application\/json" id="config">\s*\{[^<]*\}\s*<\/script>/
  const attribute = /[\s/"'](?:on[a-z]+|srcdoc|action|formaction|href|xlink:href)\s*=/i

  function checked(html) {
    const rest = html.replace(config, '')
    if (attribute.test(rest)) return false
    for (const [, name] of rest.matchAll(/<\/?([^\s/>]*)/g)) {
      if (!elements.test(name)) return false
    }
    return true
  }

  window.trustedTypes?.createPolicy('default', {
    createHTML(html) {
      if (/^<script><\/script>$/.test(html)) return html
      if (!checked(html)) throw new TypeError('Markup refused by the page policy')
      return html.replace(/<style(?=[\s>])/g, `<style nonce="${nonce}"`)
    },
    createScriptURL(url) {
      const target = new URL(url, document.baseURI)
      const built = target.origin === location.origin && target.pathname.startsWith('/_next/static/')
      if (built) return url
      throw new TypeError('Script refused by the page policy')
    },
  })
})()
