import { z } from 'zod'
import { flow, verb } from '#portal/platform/operation.ts'
import type { Allow } from '#portal/platform/permission.ts'
import { prepareMasterKey, rotateMasterKey, secretFiles } from '#portal/platform/secrets.ts'
import { aloneWithSecrets } from './data-key/alone-with-secrets.ts'

const KEEPERS: Allow = { role: 'admin', groups: ['security'], system: true }
const mark = z.string().regex(/^[0-9a-f]{16}$/)

const recordRotation = verb({
  action: 'master-key.rotate',
  input: z.strictObject({ from: mark, to: mark }),
  allow: KEEPERS,
  async run({ input }) {
    return { result: input, change: { target: { type: 'operation', id: 'master-key' }, details: input } }
  },
})

/**
 * Puts a new master key in the old one's place. The secrets file is sealed anew under it; what runs goes on, as it holds
 * what the file holds. Backups of the old file need the old key. It tells first, as rotateSecret does, and names the old
 * key within the lock: of two at one moment, the second one replaces what the first one made.
 */
export const changeMasterKey = flow({
  action: 'master-key.rotate',
  input: z.strictObject({}),
  allow: KEEPERS,
  async run({ app, ctx }): Promise<{ from: string; to: string }> {
    const files = secretFiles(app.settings)
    return await aloneWithSecrets(app, async () => {
      const { made, from, to } = await prepareMasterKey(files)
      const told = await app.call(recordRotation, { from, to }, ctx)
      await rotateMasterKey(files, made)
      return told
    })
  },
})
