import { existsSync } from 'node:fs'
import { runCli } from './cli/run-cli.ts'

// What stands in the environment wins.
if (existsSync('.env')) process.loadEnvFile('.env')
const argv = process.argv.slice(2)
const status = await runCli(argv, {
  env: process.env,
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
})
// A server goes on; everything else is over once its words are out, whatever connection still idles.
const serves = ['serve', 'api', 'delivery', 'worker'].includes(argv[0] ?? '') && status === 0
if (!serves) process.stdout.write('', () => process.exit(status))
