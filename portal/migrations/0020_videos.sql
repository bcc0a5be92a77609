-- Videos, uploads, the webhook inbox, the mail outbox, alerts and limits. Instants come from the application's clock.

create table videos (
  id                     text primary key,
  organisation_id        text not null references organisations (id),
  owner_id               text not null references users (id),
  title                  text not null check (char_length(title) between 1 and 255),
  status                 text not null default 'waiting'
                         check (status in ('waiting', 'processing', 'ready', 'failed', 'deleted')),
  provider               text not null check (provider in ('engine', 'mux')),
  asset_id               text unique,
  playback_id            text unique,
  duration_seconds       double precision,
  aspect_ratio           text,                        -- '16:9'
  resolution_tier        text,                        -- '1080p'
  complete               boolean not null default false, -- every rendition is made; a ready video plays before that
  progress_percent       double precision check (progress_percent between 0 and 100),
  error                  text,                        -- a sentence for people, where status is failed
  created_at             timestamptz not null,
  ready_at               timestamptz,
  deleted_at             timestamptz,
  asset_deleted_at       timestamptz,                 -- the service has confirmed that nothing is left there
  last_provider_event_at timestamptz,
  checked_at             timestamptz not null,        -- when the service was last asked, or is due to have spoken
  check ((status = 'deleted') = (deleted_at is not null)),
  check (status <> 'ready' or (asset_id is not null and playback_id is not null))
);
create index videos_of_organisation on videos (organisation_id, created_at desc, id desc) where deleted_at is null;
create index videos_unsettled on videos (checked_at)
  where status = 'processing' or (status = 'ready' and not complete);
create index videos_to_remove on videos (deleted_at) where status = 'deleted' and asset_deleted_at is null;

-- One row an upload job, written before the video service hears of it.
create table uploads (
  id                 text primary key,
  video_id           text not null unique references videos (id),
  organisation_id    text not null references organisations (id),
  owner_id           text not null references users (id),
  project_id         text,
  intended_access    text check (intended_access in ('link', 'email', 'account')),
  filename           text not null,
  content_type       text not null,
  size_bytes         bigint not null check (size_bytes > 0),
  provider_upload_id text unique,
  upload_url         bytea,                           -- sealed; forgotten once no byte can follow
  status             text not null default 'waiting'
                     check (status in ('waiting', 'processing', 'ready', 'failed', 'cancelled')),
  error              text,                            -- a sentence for people, where status is failed
  created_at         timestamptz not null,
  updated_at         timestamptz not null,
  completed_at       timestamptz,
  checked_at         timestamptz not null
);
create index uploads_of_owner on uploads (owner_id, created_at desc, id desc);
create index uploads_unsettled on uploads (checked_at) where status in ('waiting', 'processing');

-- Verified webhooks, stored before they are answered. The body keeps what is needed to apply and explain them.
create table webhook_events (
  id             text primary key,                    -- the service's own event ID: a replay meets it here
  provider       text not null check (provider in ('engine', 'mux')),
  type           text not null,
  object_type    text not null,
  object_id      text not null,
  body           jsonb not null,
  occurred_at    timestamptz not null,
  received_at    timestamptz not null,
  received_count integer not null default 1,
  applied_at     timestamptz,
  outcome        text check (outcome in ('applied', 'nothing_to_do', 'unknown_type', 'unknown_object')),
  attempts       integer not null default 0,
  last_error     text,
  last_tried_at  timestamptz
);
create index webhook_events_newest on webhook_events (received_at desc, id desc);
create index webhook_events_open on webhook_events (received_at) where applied_at is null;

-- What did not verify: metadata alone, no body, no signature, no address.
create table webhook_rejections (
  id          bigint generated always as identity primary key,
  reason      text not null check (reason in ('signature', 'too_large', 'not_text', 'not_an_event')),
  body_bytes  bigint not null,
  request_id  text not null,
  received_at timestamptz not null
);
create index webhook_rejections_newest on webhook_rejections (received_at);

-- Mails of an installation that has no mail service: read by an administrator on the outbox page.
create table mail_outbox (
  id         bigint generated always as identity primary key,
  key        bytea not null unique,                   -- SHA-256 of the idempotency key
  sealed     bytea not null,                          -- recipient, subject and text
  created_at timestamptz not null
);

-- Same cause, same key: one open alert a key.
create table alerts (
  id             bigint generated always as identity primary key,
  key            text not null,
  severity       text not null check (severity in ('info', 'warning', 'critical')),
  summary        text not null,
  details        jsonb not null default '{}',
  raised_at      timestamptz not null,
  last_raised_at timestamptz not null,
  resolved_at    timestamptz,
  count          integer not null default 1
);
create unique index alerts_open on alerts (key) where resolved_at is null;
create index alerts_newest on alerts (raised_at desc);

-- Columns and their order are the limiter's own. Unlogged: a count waits for no disk, and a crash may begin it anew;
-- logged, the requests of one address would queue up behind each other's commits.
create unlogged table rate_limits (
  key    varchar(255) primary key,
  points integer not null default 0,
  expire bigint
);
create index rate_limits_expired on rate_limits (expire);
