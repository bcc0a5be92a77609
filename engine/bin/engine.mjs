#!/usr/bin/env node
// Starts the command line wherever the package lies. Node strips types itself, but not under node_modules: there
// this does it, while a module is loaded, so that what is installed is what was written and nothing has to be built.
import { readFileSync } from 'node:fs'
import module from 'node:module'

// Older ones lack these names, and are to be told so in a sentence.
const { registerHooks, stripTypeScriptTypes } = module
const [major = 0] = process.versions.node.split('.').map(Number)
if (major < 24 || !registerHooks || !stripTypeScriptTypes) {
  process.stderr.write(`The engine needs Node 24 or newer; this is ${process.version}.\n`)
  process.exit(69)
}

const own = new URL('../src/', import.meta.url).href
if (own.includes('/node_modules/')) {
  const { emitWarning } = process
  // One warning for each module would say the same thing: that stripping by hand is experimental.
  process.emitWarning = (warning, ...rest) => {
    if (!/stripTypeScriptTypes/.test(String(warning))) emitWarning.call(process, warning, ...rest)
  }
  registerHooks({
    load(url, context, next) {
      if (!url.startsWith(own) || !url.endsWith('.ts')) return next(url, context)
      const source = stripTypeScriptTypes(readFileSync(new URL(url), 'utf8'))
      return { format: 'module', source, shortCircuit: true }
    },
  })
}
await import('../src/cli.ts')
