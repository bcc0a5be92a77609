import { SettingsError } from '../platform/env.ts'
import { type Noun, print, readArgs } from './command.ts'
import { type Check, checkInstallation } from './doctor-checks.ts'

const MARK = { ok: 'ok  ', warn: 'warn', fail: 'FAIL' }

/** `portal doctor`: what an installation hangs on, each line with what to do; status 0 only if nothing fails. */
export const doctor: Noun = {
  noun: 'doctor',
  verbs: {
    '': {
      summary: 'Check Postgres, ffmpeg, disk, ports, clock, keys, mail and the privacy notice',
      async run(args) {
        const { values } = readArgs(args, {})
        const checks = await checkInstallation(process.env).catch((error: unknown): Check[] => {
          if (!(error instanceof SettingsError)) throw error
          return [{ name: 'settings', status: 'fail', message: error.message.replaceAll(/\s*\n\s*/g, ' ') }]
        })
        const ok = checks.every(({ status }) => status !== 'fail')
        print(values.json, { ok, checks }, () =>
          checks.map(({ name, status, message }) => `${MARK[status]}  ${name.padEnd(10)} ${message}`),
        )
        return ok ? 0 : 1
      },
    },
  },
}
