import { createUser } from '../modules/identity/create-user.ts'
import { resetSecondFactor } from '../modules/identity/remove-second-factor.ts'
import { randomBase58 } from '../platform/ids.ts'
import { type Noun, print, readArgs, withPortal } from './command.ts'

export const users: Noun = {
  noun: 'users',
  verbs: {
    create: {
      summary:
        'Make an account; without PORTAL_NEW_PASSWORD in the environment a password is made and printed once',
      usage: '--email A --name N --role agency --organisation O',
      async run(args) {
        const { values } = readArgs(args, {
          email: { type: 'string' },
          name: { type: 'string' },
          role: { type: 'string', default: 'agency' },
          organisation: { type: 'string' },
        })
        // Arguments are visible to everybody on the machine; a password may only come by the environment.
        const given = process.env.PORTAL_NEW_PASSWORD
        const password = given ?? randomBase58(20)
        const { id } = await withPortal(({ app }, ctx) =>
          app.call(
            createUser,
            {
              email: values.email,
              name: values.name,
              role: values.role,
              organisation: values.organisation,
              password,
            },
            ctx,
          ),
        )
        print(values.json, { id, email: values.email, ...(given ? {} : { password }) }, () => [
          `Account ${id} made for ${values.email}.`,
          ...(given ? [] : [`Password (shown this once): ${password}`]),
        ])
        return 0
      },
    },
    'reset-second-factor': {
      summary: 'Remove the second factors and sessions of somebody who lost them',
      usage: '--id usr_… --reason R',
      async run(args) {
        const { values } = readArgs(args, { id: { type: 'string' }, reason: { type: 'string' } })
        const { id, reason } = values
        await withPortal(({ app }, ctx) => app.call(resetSecondFactor, { id, reason }, ctx))
        print(values.json, { id }, () => [`The second factors of ${id} are gone, and all their sessions.`])
        return 0
      },
    },
  },
}
