import { migrateJobs } from '#engine/platform/job-runner.ts'
import { migrate as migrateSchema } from '#engine/platform/migrations.ts'
import type { Noun } from './command.ts'

export const migrate: Noun = {
  name: 'migrate',
  verbs: {
    '': {
      summary: 'brings the database up to date, as each start does',
      async run({ open }) {
        const { ctx } = await open()
        const applied = await migrateSchema(ctx.pool)
        await migrateJobs(ctx.pool, ctx.log)
        return { data: { applied }, text: applied.length > 0 ? applied.join('\n') : 'up to date' }
      },
    },
  },
}
