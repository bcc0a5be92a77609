import { execFile } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { expect, it } from 'vitest'

const RUN = fileURLToPath(new URL('../faults/run.ts', import.meta.url))

// The whole thousand is `npm run faults -- uploads`; a process of its own, for what runs in the browser is not built.
it('UpChunk, unmodified in Chromium, and the portal’s uploader bring files through broken connections', async () => {
  const args = [RUN, 'uploads', '--runs', '15', '--seed', '11', '--json']
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 110_000 })
  const report = JSON.parse(stdout)
  expect(report.findings).toEqual([])
  expect(report).toMatchObject({ lost: 0, doubled: 0, stuck: 0, orphans: 0, disconnections: 30, ok: true })
})
