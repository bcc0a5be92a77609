import { readdir, readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { describeSettings, loadSettings } from '#portal/platform/env.ts'
import { RUNBOOKS, runbookPathOf, serviceOfAlert } from './rules.ts'
import { runbookDocument } from './runbook-document.ts'

const FOLDER = new URL('../../../../docs/runbooks/', import.meta.url)

describe('[OPS-01] [VOR-02] the vendor runbook', () => {
  it('ships each version as a document that is read while the portal is down', async () => {
    const files = (await readdir(FOLDER)).filter((file) => file.startsWith('vendors-'))
    expect(files.sort()).toEqual(Object.keys(RUNBOOKS).map((version) => `vendors-${version}.md`))
    for (const runbook of Object.values(RUNBOOKS))
      expect(await readFile(new URL(`vendors-${runbook.version}.md`, FOLDER), 'utf8')).toBe(
        runbookDocument(runbook),
      )
  })

  it('can be set to each version that ships, and to no other', () => {
    for (const version of Object.keys(RUNBOOKS))
      expect(loadSettings({ VENDOR_RUNBOOK_VERSION: version })).toMatchObject({
        VENDOR_RUNBOOK_VERSION: version,
      })
    expect(() => loadSettings({ VENDOR_RUNBOOK_VERSION: '2' })).toThrow('VENDOR_RUNBOOK_VERSION must be 1')
  })

  it('names settings that exist, and every service once', () => {
    const known = new Set(describeSettings().map(({ name }) => name))
    for (const { services } of Object.values(RUNBOOKS)) {
      for (const { settings } of services) for (const name of settings) expect(known).toContain(name)
      expect(new Set(services.map(({ id }) => id)).size).toBe(services.length)
    }
  })

  it('is found by the alert: the nearest service, and none for what is our own', () => {
    expect(runbookPathOf('1', 'mail.send:smtp')).toBe('/admin/alerts/runbook#mail')
    expect(serviceOfAlert('1', 'alerts.channel:email')?.id).toBe('mail')
    expect(serviceOfAlert('1', 'alerts.channel:slack')?.id).toBe('alerts')
    expect(serviceOfAlert('1', 'metrics.silent:engine')?.id).toBe('video')
    expect(serviceOfAlert('1', 'metrics.silent:web')).toBeNull()
    expect(runbookPathOf('1', 'drill.due:2026-10')).toBeNull()
  })

  it('leads from alerts that the code raises', async () => {
    const source = await sourcesOf(new URL('../../', import.meta.url))
    for (const { services } of Object.values(RUNBOOKS))
      for (const { alerts } of services)
        for (const key of alerts) {
          const cause = key.split(':', 1)[0] ?? key
          expect(new RegExp(`['\`]${cause.replaceAll('.', '\\.')}['\`:]`).test(source), key).toBe(true)
        }
  })
})

/** All of the portal's code but this module's. */
async function sourcesOf(folder: URL): Promise<string> {
  const files = await readdir(folder, { recursive: true })
  const wanted = files.filter((file) => /\.ts$/.test(file) && !/\.test\.ts$|vendors\//.test(file))
  return (await Promise.all(wanted.map((file) => readFile(new URL(file, folder), 'utf8')))).join('\n')
}
