import type { Metadata } from 'next'
import Link from 'next/link'
import { searchAudit } from '#portal/modules/audit/queries.ts'
import { getLogHead } from '#portal/modules/audit/read-log.ts'
import { listLogSearches } from '#portal/modules/audit/saved-searches.ts'
import type { AuditRecord } from '#portal/modules/audit/search.ts'
import type { AuditRow } from '#portal/modules/audit/ui/audit-table.tsx'
import { queryIn, searchOf } from '#portal/modules/audit/ui/log-query.ts'
import { buttonClass } from '#portal/ui/button.tsx'
import { EmptyState } from '#portal/ui/list-states.tsx'
import { ask, logAccess, mustBeAdmin, noteRefused, oneOf } from '../../../../door.ts'
import { AuditBoard } from './audit-board.tsx'

export const metadata: Metadata = { title: 'Audit log' }

type Props = { searchParams: Promise<Record<string, string | string[] | undefined>> }

export default async function AuditPage({ searchParams }: Props) {
  await mustBeAdmin()
  if ((await logAccess()) === null) {
    await noteRefused('log_grant')
    return <NoAccess />
  }
  const search = await searchParams
  const query = queryIn((name) => oneOf(search[name]))
  const cursor = oneOf(search.after)
  const [page, head, searches] = await Promise.all([
    ask(searchAudit, { limit: 50, ...searchOf(query), ...(cursor ? { cursor } : {}) }),
    ask(getLogHead, {}),
    ask(listLogSearches, {}),
  ])
  return (
    <AuditBoard
      items={page.items.map(rowOf)}
      next={page.nextCursor}
      head={head}
      query={query}
      searches={searches}
    />
  )
}

function rowOf({ event, missing, columns, time, index, proved }: AuditRecord): AuditRow {
  const place = { index, proved }
  if (event) {
    const { actor, target, personal, schemaVersion: _, ...told } = event
    const whom = { actorKind: actor.kind, actor: actor.pseudonym, role: actor.role }
    return {
      ...told,
      ...whom,
      ...{ targetType: target.type, target: target.id, personal: personal !== undefined },
      ...place,
    }
  }
  return {
    ...{ missing: missing ?? 'damaged', id: columns.event_id ?? `${time} ${index}`, time },
    ...{ action: columns.action, outcome: columns.outcome, actor: columns.actor },
    ...{ targetType: columns.target_type, target: columns.target_id },
    ...place,
  }
}

function NoAccess() {
  return (
    <EmptyState
      title="Reading the log takes a grant"
      action={
        <Link href="/admin/audit/access" className={buttonClass('solid')}>
          Ask to read the log
        </Link>
      }
    >
      Give a reason; a second person of security or compliance agrees, for a time.
    </EmptyState>
  )
}
