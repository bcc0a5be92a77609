import { z } from '@hono/zod-openapi'
import { decideGrantInput, staffGroupInput } from '#portal/modules/access/inputs.ts'
import {
  decideGrant,
  endGroup,
  grantGroup,
  listStaffGroups,
  listStaffReviews,
} from '#portal/modules/access/staff-groups.ts'
import { STAFF_GROUPS } from '#portal/platform/context.ts'
import type { OperationRoute } from './operation-route.ts'

const groupSchema = z.enum(STAFF_GROUPS)
const groupChangeSchema = z.object({ userId: z.string(), group: groupSchema })

/** Staff groups and their quarterly reviews. */
export const staffRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/admin/staff',
    summary: 'Administrators and their staff groups',
    operation: listStaffGroups,
    answer: z.array(
      z.object({ id: z.string(), name: z.string(), email: z.string(), groups: z.array(groupSchema) }),
    ),
  },
  {
    method: 'post',
    path: '/api/admin/staff/grant',
    summary: 'Put an administrator into a staff group',
    operation: grantGroup,
    body: staffGroupInput,
    answer: groupChangeSchema,
  },
  {
    method: 'post',
    path: '/api/admin/staff/end',
    summary: 'Take an administrator out of a staff group',
    operation: endGroup,
    body: staffGroupInput,
    answer: groupChangeSchema,
  },
  {
    method: 'get',
    path: '/api/admin/staff/reviews',
    summary: 'Quarterly reviews of staff groups',
    operation: listStaffReviews,
    answer: z.array(z.record(z.string(), z.unknown())),
  },
  {
    method: 'post',
    path: '/api/admin/staff/reviews/{reviewId}',
    summary: 'Keep or end one grant under review',
    operation: decideGrant,
    params: z.object({ reviewId: z.string() }),
    body: decideGrantInput.omit({ reviewId: true }),
    answer: z.object({ decision: z.enum(['keep', 'revoke']), closed: z.boolean() }),
  },
]
