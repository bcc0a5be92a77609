import type { TableData } from '#portal/platform/table-data.ts'

/** The tables of the embedded engine: a vendor like Mux, whose rows the portal only reaches by its API. */
export const engineData: readonly TableData[] = [
  {
    table: 'engine.uploads',
    label: 'confidential',
    of: 'account',
    holds: 'uploads',
    kept: {
      new_asset_settings: 'what people wrote about a video; gone when the video is deleted',
      cors_origin: 'the portal’s address',
    },
    other:
      'id secret_hash status timeout_seconds asset_id received_bytes total_bytes content_type sha256 gap_answers error test created_at last_byte_at ended_at bytes_removed_at',
  },
  {
    table: 'engine.assets',
    label: 'confidential',
    of: 'account',
    holds: 'videos',
    kept: {
      settings: 'what people wrote about a video; gone when the video is deleted',
      passthrough: 'ID of the upload in the portal',
      meta: 'the title at upload; gone when the video is deleted',
    },
    other:
      'id status upload_id ingest_type test source_key source_bytes source_sha256 media images duration_seconds aspect_ratio max_width max_height max_frame_rate resolution_tier errors progress_state progress_percent ingest_attempt ingest_failures deadline_at created_at playable_at completed_at deleted_at bytes_removed_at thumbnail_time master_access master_status master_key master_expires_at source_asset_id master_url master_failures waiting_since waiting_for',
  },
  {
    table: 'engine.webhook_events',
    label: 'confidential',
    of: 'account',
    holds: 'news to the portal',
    kept: {
      body: 'the title at upload among others; titles go when the video is deleted, everything after 30 days',
    },
    other: 'id sequence type object_type object_id created_at',
  },
  {
    table: 'engine.playback_ids',
    label: 'confidential',
    of: 'nobody',
    holds: 'playback IDs',
    other: 'id asset_id policy created_at deleted_at',
  },
  {
    table: 'engine.tracks',
    label: 'confidential',
    of: 'nobody',
    holds: 'tracks',
    other:
      'id asset_id type status duration_seconds max_width max_height max_frame_rate max_channels text_type text_source language_code name closed_captions passthrough is_primary created_at source_url error object_key updated_at failures stream_index generated_from',
  },
  {
    table: 'engine.renditions',
    label: 'confidential',
    of: 'nobody',
    holds: 'renditions',
    other:
      'asset_id name kind width height frame_rate codecs bandwidth average_bandwidth channels language init_bytes segments folder status created_at iframes track_id iframe_bandwidth iframe_average_bandwidth',
  },
  {
    table: 'engine.signing_keys',
    label: 'restricted',
    of: 'nobody',
    holds: 'public halves of signing keys',
    other: 'id public_key created_at deleted_at',
  },
  {
    table: 'engine.playback_sessions',
    label: 'sensitive',
    of: 'nobody',
    holds: 'playbacks, by a random name',
    other: 'id playback_id signing_key_id expires_at revoked_at created_at restriction_id clip',
  },
  {
    table: 'engine.webhook_deliveries',
    label: 'confidential',
    of: 'nobody',
    holds: 'deliveries of news',
    other:
      'event_id endpoint attempts attempt_count next_attempt_at leased_until delivered_at gave_up_at last_status last_error retry_from',
  },
  {
    table: 'engine.static_renditions',
    label: 'confidential',
    of: 'nobody',
    holds: 'files',
    other:
      'id asset_id name ext type resolution status width height bit_rate bytes object_key passthrough error created_at failures',
  },
  {
    table: 'engine.playback_restrictions',
    label: 'confidential',
    of: 'nobody',
    holds: 'restrictions',
    other: 'id referrer user_agent created_at updated_at deleted_at',
  },
  {
    table: 'engine.webhook_endpoints',
    label: 'confidential',
    of: 'nobody',
    holds: 'receivers of news',
    other: 'id url sealed_secret created_at updated_at enabled number',
  },
  {
    table: 'engine.delivery_usage',
    label: 'protected',
    of: 'nobody',
    holds: 'seconds delivered, by video',
    other: 'asset_id hour tier seconds',
  },
  {
    table: 'engine.usage_batches',
    label: 'protected',
    of: 'nobody',
    holds: 'imports of usage',
    other: 'id created_at imported_bytes updated_at',
  },
  {
    table: 'engine.usage_exports',
    label: 'protected',
    of: 'nobody',
    holds: 'daily usage, by video',
    other: 'day csv bytes stale generated_at',
  },
  {
    table: 'engine.api_credentials',
    label: 'restricted',
    of: 'nobody',
    holds: 'credentials of programs',
    other: 'id secret_hash name created_at deleted_at',
  },
  {
    table: 'engine.migrations',
    label: 'internal',
    of: 'nobody',
    holds: 'migrations',
    other: 'name sha256 applied_at',
  },
  {
    table: 'engine_worker._private_jobs',
    label: 'internal',
    of: 'nobody',
    holds: 'the engine’s queue: IDs of videos',
    other:
      'id job_queue_id task_id payload priority run_at attempts max_attempts last_error created_at updated_at key locked_at locked_by revision flags is_available',
  },
  {
    table: 'engine_worker._private_job_queues',
    label: 'internal',
    of: 'nobody',
    holds: 'names of queues',
    other: 'id queue_name locked_at locked_by is_available',
  },
  {
    table: 'engine_worker._private_known_crontabs',
    label: 'internal',
    of: 'nobody',
    holds: 'scheduled jobs',
    other: 'identifier known_since last_execution',
  },
  {
    table: 'engine_worker._private_tasks',
    label: 'internal',
    of: 'nobody',
    holds: 'names of tasks',
    other: 'id identifier',
  },
  {
    table: 'engine_worker.migrations',
    label: 'internal',
    of: 'nobody',
    holds: 'versions of the queue',
    other: 'id ts breaking',
  },
]
