import { alerts } from './alerts.ts'
import { apiKeys } from './api-keys.ts'
import { audit } from './audit.ts'
import type { Noun } from './command.ts'
import { doctor } from './doctor.ts'
import { keys } from './keys.ts'
import { limits } from './limits.ts'
import { privacy } from './privacy.ts'
import { retention } from './retention.ts'
import { settings } from './settings.ts'
import { shares } from './shares.ts'
import { telemetry } from './telemetry.ts'
import { uploads } from './uploads.ts'
import { users } from './users.ts'
import { webhooks } from './webhooks.ts'
import { witness } from './witness.ts'

/** Every noun of `npm run portal`. */
export const nouns: readonly Noun[] = [
  doctor,
  audit,
  witness,
  users,
  apiKeys,
  settings,
  keys,
  shares,
  webhooks,
  alerts,
  uploads,
  retention,
  privacy,
  limits,
  telemetry,
]
