import { availableParallelism } from 'node:os'
import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

// An odd zone (UTC+05:45) makes every hidden use of local time fail loudly; workers inherit it.
process.env.TZ = 'Asia/Kathmandu'

const sources = [
  'portal/src/**',
  'engine/src/**',
  'tests/support/**',
  'tests/asvs/**',
  'tests/matrix/**',
  'tests/scan/**',
  'tests/model/**',
  'tests/corpus/**',
  'tests/drill/**',
  'tests/faults/**',
  'tests/load/**',
  'tests/tamper/**',
  'scripts/**',
]
const test = (suffix: string) => sources.map((folder) => `${folder}/*${suffix}`)

/** What takes longest though the file is short: begun last, each would keep one core at work and leave the other idle. */
const LONG = [
  'tests/faults/rotations.db.test.ts',
  'tests/faults/webhooks.db.test.ts',
  'tests/matrix/matrix.db.test.ts',
  'tests/model/share-model.db.test.ts',
  'tests/scan/contract.db.test.ts',
]
class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLong = ({ moduleId }: TestSpecification) => LONG.some((path) => moduleId.endsWith(path))
    return [...sorted.filter(isLong), ...sorted.filter((file) => !isLong(file))]
  }
}

export default defineConfig({
  oxc: { jsx: { runtime: 'automatic' } },
  test: {
    globals: false,
    pool: 'forks',
    sequence: { sequencer: LongFirst },
    // Left alone, two cores would mean one worker; most tests wait for Postgres or ffmpeg half of their time.
    maxWorkers: Math.max(3, availableParallelism() - 1),
    // For a crowded machine: what hangs is found all the same, and nothing waits this long otherwise.
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Of itself it waits one second, which is what a crowded machine takes to get round to it.
    expect: { poll: { timeout: 30_000 } },
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: test('.test.{ts,tsx,mjs}'), exclude: test('.db.test.ts') },
      },
      {
        extends: true,
        test: {
          name: 'db',
          include: test('.db.test.ts'),
          globalSetup: ['tests/support/database-setup.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'conformance',
          include: ['tests/conformance/**/*.test.ts'],
          globalSetup: ['tests/support/database-setup.ts'],
          testTimeout: 120_000,
        },
      },
    ],
  },
})
