import type { TableData } from '#portal/platform/table-data.ts'

/** The queue’s own tables, and the list of migrations. */
export const queueData: readonly TableData[] = [
  {
    table: 'graphile_worker._private_jobs',
    label: 'sensitive',
    of: 'both',
    holds: 'the queue',
    deleted: 'payload',
    kept: { last_error: 'messages of errors, which hold no personal data; gone with the job', key: 'IDs' },
    other:
      'id job_queue_id task_id priority run_at attempts max_attempts created_at updated_at locked_at locked_by revision flags is_available',
  },
  {
    table: 'graphile_worker._private_job_queues',
    label: 'internal',
    of: 'nobody',
    holds: 'names of queues',
    other: 'id queue_name locked_at locked_by is_available',
  },
  {
    table: 'graphile_worker._private_known_crontabs',
    label: 'internal',
    of: 'nobody',
    holds: 'scheduled jobs',
    other: 'identifier known_since last_execution',
  },
  {
    table: 'graphile_worker._private_tasks',
    label: 'internal',
    of: 'nobody',
    holds: 'names of tasks',
    other: 'id identifier',
  },
  {
    table: 'graphile_worker.migrations',
    label: 'internal',
    of: 'nobody',
    holds: 'versions of the queue',
    other: 'id ts breaking',
  },
  {
    table: 'portal_migrations',
    label: 'internal',
    of: 'nobody',
    holds: 'migrations',
    other: 'name sha256 applied_at',
  },
]
