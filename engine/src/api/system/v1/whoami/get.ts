import { endpoint, ok } from '#engine/api/endpoint.ts'

/** GET /system/v1/whoami: proves that a credential works. */
export const whoami = endpoint({
  method: 'GET',
  paths: ['/system/v1/whoami'],
  async run({ credentialId }) {
    return ok({
      permissions: ['video:read', 'video:write', 'system:read', 'system:write'],
      organization_name: 'Engine',
      organization_id: 'engine',
      environment_type: 'production',
      environment_name: 'Engine',
      environment_id: 'engine',
      access_token_name: credentialId,
    })
  },
})
