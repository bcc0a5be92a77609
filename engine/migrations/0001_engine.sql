-- The engine's whole state. Runs once, in one transaction, with search_path = engine.
-- Instants are timestamptz and come from the application's clock; ids are opaque base62.

-- A direct upload: one URL, one file, appended as it arrives.
create table uploads (
  id                 text primary key,
  secret_hash        bytea not null,                -- SHA-256 of the URL's secret; the secret itself is never stored
  status             text not null default 'waiting'
                     check (status in ('waiting', 'asset_created', 'errored', 'cancelled', 'timed_out')),
  timeout_seconds    integer not null check (timeout_seconds between 60 and 604800),
  cors_origin        text not null,
  new_asset_settings jsonb not null default '{}',
  asset_id           text unique,
  received_bytes     bigint not null default 0,     -- known durable at the last checkpoint; the file's size is the truth
  total_bytes        bigint,                        -- set by the first numeric total
  content_type       text,
  sha256             bytea,                         -- of the complete file
  gap_answers        integer not null default 0,    -- consecutive requests that began past the end
  error              jsonb,                         -- {type, message}
  test               boolean not null default false,
  created_at         timestamptz not null,
  last_byte_at       timestamptz,
  ended_at           timestamptz,
  bytes_removed_at   timestamptz
);
create index uploads_newest on uploads (created_at desc, id desc);
create index uploads_waiting on uploads (created_at) where status = 'waiting';

create table assets (
  id                text primary key,
  status            text not null default 'preparing' check (status in ('preparing', 'ready', 'errored')),
  upload_id         text unique references uploads (id),
  ingest_type       text not null,
  settings          jsonb not null default '{}',    -- the normalised asset settings of the create request
  passthrough       text,
  meta              jsonb,
  test              boolean not null default false,
  source_key        text,                           -- where the source lies: 'spool/<upload id>'
  source_bytes      bigint,
  source_sha256     bytea,
  media             jsonb,                          -- MediaInfo as probed
  images            jsonb,                          -- ImagesResult; null until made
  duration_seconds  double precision,
  aspect_ratio      text,                           -- '16:9'
  max_width         integer,
  max_height        integer,
  max_frame_rate    double precision,
  resolution_tier   text,
  errors            jsonb,                          -- {type, messages[]}
  progress_state    text not null default 'ingesting'
                    check (progress_state in ('ingesting', 'transcoding', 'completed', 'errored')),
  progress_percent  double precision not null default 0,
  ingest_attempt    text,                           -- the attempt that may write; another one's reports are refused
  ingest_failures   integer not null default 0,
  deadline_at       timestamptz not null,
  created_at        timestamptz not null,
  playable_at       timestamptz,                    -- the first rendition can be played
  completed_at      timestamptz,                    -- the ladder is complete
  master_ready      jsonb,
  deleted_at        timestamptz,
  bytes_removed_at  timestamptz
);
create index assets_newest on assets (created_at desc, id desc) where deleted_at is null;
create index assets_unfinished on assets (deadline_at) where deleted_at is null and completed_at is null;
create index assets_to_remove on assets (deleted_at) where deleted_at is not null and bytes_removed_at is null;

create table playback_ids (
  id         text primary key check (id ~ '^[A-Za-z0-9]{44}$'),
  asset_id   text not null references assets (id) on delete cascade,
  policy     text not null check (policy in ('public', 'signed')),
  created_at timestamptz not null,
  deleted_at timestamptz
);
create index playback_ids_of_asset on playback_ids (asset_id, created_at);

create table tracks (
  id               text primary key,
  asset_id         text not null references assets (id) on delete cascade,
  type             text not null check (type in ('video', 'audio', 'text')),
  status           text not null default 'ready',
  duration_seconds double precision,
  max_width        integer,
  max_height       integer,
  max_frame_rate   double precision,
  max_channels     integer,
  text_type        text,
  text_source      text,
  language_code    text,
  name             text,
  closed_captions  boolean,
  passthrough      text,
  is_primary       boolean not null default false,
  created_at       timestamptz not null
);
create index tracks_of_asset on tracks (asset_id);

-- One row a finished rendition; written only when all of its files are in storage.
create table renditions (
  asset_id          text not null references assets (id) on delete cascade,
  name              text not null,                  -- source | 2160p … 270p | audio
  kind              text not null check (kind in ('video', 'audio')),
  width             integer,
  height            integer,
  frame_rate        double precision,
  codecs            text not null,                  -- RFC 6381
  bandwidth         integer not null,               -- measured peak, bits a second
  average_bandwidth integer not null,
  channels          integer,
  language          text,
  init_bytes        integer not null,
  segments          jsonb not null,                 -- [[seconds, bytes], …]
  folder            text not null,                  -- storage key prefix of init.mp4 and <n>.m4s
  status            text not null default 'ready' check (status in ('ready')),
  created_at        timestamptz not null,
  primary key (asset_id, name)
);

create table signing_keys (
  id         text primary key,
  public_key text not null,                         -- PEM, SPKI; the private half is given once and not kept
  created_at timestamptz not null,
  deleted_at timestamptz
);

-- id = playbackSessionId(playback id, session claim): see src/platform/playback-session-id.ts.
-- The signing key is not part of it, so a key rotated in the middle of a film changes no URL.
-- A revoked row is a tombstone: it stays until 24 hours after, also if the session was never seen before.
create table playback_sessions (
  id             text primary key,
  playback_id    text not null,
  signing_key_id text,                              -- key of the newest token
  expires_at     timestamptz not null,
  revoked_at     timestamptz,
  restriction    jsonb,
  created_at     timestamptz not null
);
create index playback_sessions_of_playback_id on playback_sessions (playback_id);
create index playback_sessions_of_key on playback_sessions (signing_key_id);
create index playback_sessions_expiry on playback_sessions (expires_at);

-- Transactional outbox: an event is written with the change it tells of.
create table webhook_events (
  id          uuid primary key,
  sequence    bigint generated always as identity,
  type        text not null,
  object_type text not null,
  object_id   text not null,
  body        jsonb not null,                       -- the envelope without `attempts`
  created_at  timestamptz not null
);
create index webhook_events_age on webhook_events (created_at);

create table webhook_deliveries (
  event_id        uuid not null references webhook_events (id) on delete cascade,
  endpoint        text not null,                    -- the address
  attempts        jsonb not null default '[]',      -- newest last, as Mux shows them
  attempt_count   integer not null default 0,
  next_attempt_at timestamptz,                      -- null: delivered or given up
  leased_until    timestamptz,                      -- a sender that dies loses its lease
  delivered_at    timestamptz,
  gave_up_at      timestamptz,
  last_status     integer,
  last_error      text,
  primary key (event_id, endpoint)
);
create index webhook_deliveries_due on webhook_deliveries (endpoint, next_attempt_at) where next_attempt_at is not null;
