import { z } from '@hono/zod-openapi'
import { letGoInput, listDetectionsInput, setAbuseRulesInput } from '#portal/modules/abuse/inputs.ts'
import { letGo } from '#portal/modules/abuse/let-go.ts'
import { listDetections } from '#portal/modules/abuse/list-detections.ts'
import {
  ABUSE_ACTIONS,
  ABUSE_RULE_NAMES,
  ABUSE_SUBJECTS,
  type AbuseAction,
  type AbuseSubject,
  SIGNALS,
  type Signal,
} from '#portal/modules/abuse/rules.ts'
import { getAbuseRules, listAbuseVersions, setAbuseRules } from '#portal/modules/abuse/set-abuse-rules.ts'
import type { OperationRoute } from './operation-route.ts'

const keysOf = <K extends string>(list: Record<K, unknown>) => Object.keys(list) as [K, ...K[]]
const action = z.enum(keysOf<AbuseAction>(ABUSE_ACTIONS))
const ruleSchema = z
  .object({
    title: z.string(),
    signal: z.enum(keysOf<Signal>(SIGNALS)),
    by: z.enum(keysOf<AbuseSubject>(ABUSE_SUBJECTS)),
    counts: z.enum(['tries', 'accounts', 'links']),
    doors: z.array(z.enum(['sign-in', 'gate', 'link', 'upload'])),
    threshold: z.int(),
    windowSeconds: z.int(),
    lastsSeconds: z.int(),
    action,
    alert: z.boolean(),
    mode: z.enum(['enforce', 'monitor']),
  })
  .openapi('AbuseRule')
const rules = z.record(z.string(), ruleSchema)
const detectionSchema = z
  .object({
    id: z.string(),
    rule: z.enum(ABUSE_RULE_NAMES),
    subject: z.string(),
    threshold: z.int(),
    enforced: z.boolean(),
    action,
    status: z.enum(['running', 'watched', 'over', 'let-go']),
    detectedAt: z.iso.datetime(),
    until: z.iso.datetime(),
    refused: z.int(),
    lastRefusedAt: z.iso.datetime().nullable(),
    letGoByName: z.string().nullable(),
    letGoReason: z.string().nullable(),
  })
  .openapi('AbuseDetection')

export const abuseRoutes: OperationRoute[] = [
  {
    method: 'get',
    path: '/api/admin/abuse',
    summary: 'The rules by which abuse is detected, and what is done about it',
    operation: getAbuseRules,
    answer: z.object({ version: z.int(), rules, enforced: z.boolean() }),
  },
  {
    method: 'put',
    path: '/api/admin/abuse',
    summary: 'Set thresholds, actions and modes of the rules, in force at once',
    operation: setAbuseRules,
    body: setAbuseRulesInput,
    answer: z.object({ version: z.int(), rules }),
  },
  {
    method: 'get',
    path: '/api/admin/abuse/history',
    summary: 'Every version of the rules, newest first',
    operation: listAbuseVersions,
    answer: z.object({
      items: z.array(
        z.object({
          version: z.int(),
          rules,
          reason: z.string(),
          setByName: z.string().nullable(),
          setAt: z.iso.datetime(),
        }),
      ),
    }),
  },
  {
    method: 'get',
    path: '/api/admin/abuse/detections',
    summary: 'Abuse that was detected, what is done about it, and until when',
    operation: listDetections,
    query: listDetectionsInput,
    answer: z.object({ items: z.array(detectionSchema), total: z.int(), running: z.int() }),
  },
  {
    method: 'post',
    path: '/api/admin/abuse/detections/{id}/let-go',
    summary: 'End what is done about somebody, and have the rule leave them alone for a while',
    operation: letGo,
    params: letGoInput.pick({ id: true }),
    body: letGoInput.omit({ id: true }),
    answer: z.object({ id: z.string(), sparedUntil: z.iso.datetime() }),
  },
]
