-- Comparing with the video service, and what retention removed. Instants come from the application's clock.

-- One comparison of everything here with everything there.
create table reconciliations (
  id            text primary key,
  provider      text not null check (provider in ('engine', 'mux')),
  mode          text not null check (mode in ('dry', 'apply')),
  asked_by      text not null,                        -- a person's ID, a job's name or a command's caller
  status        text not null default 'running' check (status in ('running', 'held', 'done', 'failed', 'superseded')),
  stage         text not null default 'uploads' check (stage in ('uploads', 'assets', 'videos', 'repair', 'over')),
  place         text,                                 -- where the stage goes on; null at its beginning
  step          integer not null default 0,           -- counts up; who writes with an old one has lost the run
  claimed_until timestamptz,
  uploads       integer not null default 0,           -- looked at there
  assets        integer not null default 0,
  videos        integer not null default 0,           -- asked after one by one, because no list had them
  strangers     integer not null default 0,           -- assets there that this installation did not make
  findings      jsonb not null default '{}',          -- kind → [found, put right]
  held          integer not null default 0,           -- deletions that wait for a person
  error         text,
  started_at    timestamptz not null,
  updated_at    timestamptz not null,
  finished_at   timestamptz,
  decided_by    text,
  decided_at    timestamptz,
  decision      text
);
create index reconciliations_newest on reconciliations (started_at desc, id desc);
create unique index reconciliations_running on reconciliations ((true)) where status = 'running';

-- Names that a running comparison has met at the service; gone with its end.
create table reconciliation_seen (
  reconciliation_id text not null references reconciliations (id) on delete cascade,
  object_id         text not null,
  primary key (reconciliation_id, object_id)
);

-- Each difference, from when it was first seen to what became of it.
create table reconciliation_findings (
  id            text primary key,
  provider      text not null,
  kind          text not null,
  object_type   text not null,
  object_id     text not null,
  upload_id     text,
  video_id      text,
  shares        integer not null default 0,           -- live links that lead to it
  detail        jsonb not null default '{}',
  state         text not null check (state in ('waiting', 'open', 'held', 'done', 'failed', 'cleared', 'reported')),
  first_seen_at timestamptz not null,
  last_seen_at  timestamptz not null,
  last_seen_in  text not null,                        -- reconciliations.id
  acted_at      timestamptz,
  error         text
);
create unique index reconciliation_findings_open on reconciliation_findings (provider, kind, object_id)
  where state in ('waiting', 'open', 'held', 'failed', 'reported');
create index reconciliation_findings_newest on reconciliation_findings (last_seen_at desc, id desc);
create index reconciliation_findings_run on reconciliation_findings (last_seen_in, state);

-- Tracks of our assets as they were last seen.
create table provider_tracks (
  asset_id      text not null,
  track_id      text not null,
  type          text not null,
  language_code text,
  first_seen_at timestamptz not null,
  primary key (asset_id, track_id)
);

create index if not exists webhook_events_object on webhook_events (object_id, type);
create index if not exists webhook_events_of_type on webhook_events (type, received_at desc);

-- One row a run of retention and rule.
create table retention_removals (
  id          bigint generated always as identity primary key,
  run_id      text not null,
  ran_at      timestamptz not null,
  dry         boolean not null,
  table_name  text not null,
  rule        text not null,
  kept_days   integer not null,
  removed     integer not null,
  oldest_left timestamptz
);
create index retention_removals_newest on retention_removals (ran_at desc, id desc);
