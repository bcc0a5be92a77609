import { readFileSync } from 'node:fs'
import { runInNewContext } from 'node:vm'
import { expect, test } from 'vitest'

type Policy = { createHTML(html: string): string; createScriptURL(url: string): string }

const source = readFileSync(new URL('./trusted-types.inline.js', import.meta.url), 'utf8')

function install(): Policy {
  let installed: Policy | undefined
  const createPolicy = (name: string, policy: Policy) => {
    if (name === 'default') installed = policy
  }
  runInNewContext(source, {
    URL,
    document: { currentScript: { nonce: 'bm9uY2U=' }, baseURI: 'https://portal.test/s/x' },
    location: { origin: 'https://portal.test' },
    window: { trustedTypes: { createPolicy } },
  })
  if (!installed) throw new Error('no default policy was made')
  return installed
}

const policy = install()

test('[ASVS-1.2.3] nothing in the file can end the script element that it stands in', () => {
  expect(source).not.toMatch(/<\/script|<!--/i)
})

test('strangers read no comments in it', () => {
  expect(source).not.toMatch(/^\s*\/[/*]/m)
})

test('what React and the player write for themselves passes, styles with the nonce', () => {
  expect(policy.createHTML('<script></script>')).toBe('<script></script>')
  expect(policy.createHTML('<style>:host{}</style><slot name="media"></slot>')).toBe(
    '<style nonce="bm9uY2U=">:host{}</style><slot name="media"></slot>',
  )
  const template = '<script type="application/json" id="config">\n {"debug":false}\n </script><video></video>'
  expect(policy.createHTML(template)).toBe(template)
})

test.each([
  '<script>alert(1)</script>',
  '<script src="/_next/static/x.js"></script>',
  '<SCRIPT>alert(1)</SCRIPT>',
  '<script type="application/json" id="config">{}<',
  '<img src=x onerror=alert(1)>',
  '<img src=x\nonerror =alert(1)>',
  '<svg/onload=alert(1)>',
  '<svg><set attributeName="href" to="javascript:alert(1)"></svg>',
  '<svg><a xlink:href="javascript:alert(1)"><text>x</text></a></svg>',
  '<iframe srcdoc="x"></iframe>',
  '<object data="x"></object>',
  '<base href="https://evil.test/">',
  '<meta http-equiv="refresh" content="0">',
  '<link rel="stylesheet" href="x">',
  '<form action="https://evil.test"><button formaction="x">',
  '<math><mtext></mtext></math>',
  '<!doctype html><div>',
])('[ASVS-3.2.2] refuses %j', (html) => {
  expect(() => policy.createHTML(html)).toThrow(/refused/)
})

test("scripts come from this origin's build alone, and keep the address they were given", () => {
  expect(policy.createScriptURL('/_next/static/chunks/a.js')).toBe('/_next/static/chunks/a.js')
  for (const url of [
    'https://evil.test/_next/static/a.js',
    '//evil.test/_next/static/a.js',
    '/upload/a.js',
    '/_next/static/../../x.js',
    'data:text/javascript,alert(1)',
    'blob:https://portal.test/1',
  ]) {
    expect(() => policy.createScriptURL(url)).toThrow(/refused/)
  }
})
