-- Taking back: schedules, requests that a second person decides on, barred people, stops that the video service must
-- confirm, replaced playback IDs, and the probe that measures all of it.

-- A scheduled revoke moves expires_at to its instant and keeps here what it was: exact by the rule of expiry, and it
-- can be cancelled.
alter table shares
  add column scheduled_reason text,
  add column scheduled_by text,
  add column expires_before_schedule timestamptz,
  add constraint shares_schedule check (
    (scheduled_reason is null) = (scheduled_by is null)
    and (scheduled_reason is null) = (expires_before_schedule is null)
  );
create index shares_scheduled on shares (expires_at) where scheduled_reason is not null and revoked_at is null;
create index shares_creator on shares (created_by) where revoked_at is null;

create table revocations (
  id text primary key,
  emergency boolean not null,
  -- Exactly one of these says what is to stop. A viewer is known by the keyed hash of the address alone.
  video_id text references videos (id),
  owner_id text,
  viewer_hash bytea check (length(viewer_hash) = 32),
  share_ids text[],
  reason text not null,
  note text,
  asked_by text not null,
  asked_at timestamptz not null,
  shares_asked integer not null,
  watching_asked integer not null,
  status text not null check (status in ('pending', 'running', 'done', 'declined', 'lapsed')),
  decide_until timestamptz not null,
  decided_by text,
  decided_at timestamptz,
  decision_reason text,
  shares_stopped integer not null default 0,
  players_stopped integer not null default 0,
  acted_at timestamptz,
  replaced_playback_ids integer not null default 0,
  -- Of emergencies: a second person says afterwards whether it was right.
  review text check (review in ('open', 'confirmed', 'disputed')),
  reviewed_by text,
  reviewed_at timestamptz,
  review_reason text,
  check (num_nonnulls(video_id, owner_id, viewer_hash, share_ids) = 1),
  check ((review is null) = not emergency),
  constraint revocations_second_person check (decided_by is distinct from asked_by),
  constraint revocations_reviewer check (reviewed_by is distinct from asked_by)
);
create index revocations_newest on revocations (asked_at desc, id desc);
create index revocations_open on revocations (asked_at)
  where status in ('pending', 'running') or review = 'open';

-- People who may not watch by any share that asks for an address; the address itself is not kept.
create table viewer_bars (
  id text primary key,
  email_hash bytea not null check (length(email_hash) = 32),
  revocation_id text references revocations (id),
  reason text not null,
  barred_by text not null,
  barred_at timestamptz not null,
  lifted_by text,
  lifted_at timestamptz
);
create unique index viewer_bars_open on viewer_bars (email_hash) where lifted_at is null;
create index viewer_sessions_person on viewer_sessions (email_hash) where ended_at is null;

-- What the video service was told to stop, and when it said that it has.
create table playback_stops (
  id text primary key,
  revocation_id text references revocations (id),
  asked_at timestamptz not null,
  confirmed_at timestamptz
);
create index playback_stops_open on playback_stops (asked_at) where confirmed_at is null;
create index playback_stops_of on playback_stops (revocation_id) where revocation_id is not null;

-- Playback IDs that an emergency took away from a video and that the service must delete.
create table retired_playback_ids (
  playback_id text primary key,
  asset_id text not null,
  video_id text not null references videos (id),
  retired_at timestamptz not null,
  deleted_at timestamptz
);

create table revoke_probes (
  id text primary key,
  ran_at timestamptz not null,
  provider text not null check (provider in ('engine', 'mux')),
  -- Milliseconds from the revoke's request to the player's stop event; null where it never came.
  stop_ms integer,
  -- For how long after the revoke's answer media was still served; 0 where the first request after it was refused.
  media_ms integer,
  stop_bound_ms integer not null,
  media_bound_ms integer not null,
  -- Why it could not be measured, or what was wrong.
  error text
);
create index revoke_probes_newest on revoke_probes (ran_at desc);
create index viewer_sessions_black on viewer_sessions (black_at) where black_at is not null;
