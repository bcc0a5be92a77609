-- What a complete stand-in for Mux keeps beside the main path of 0001.

alter table assets
  add column thumbnail_time double precision,               -- seconds; default picture of thumbnails
  add column master_access text not null default 'none' check (master_access in ('none', 'temporary')),
  add column master_status text check (master_status in ('preparing', 'ready', 'errored')),
  add column master_key text,                               -- storage key of the master file
  add column master_expires_at timestamptz,
  drop column master_ready;

alter table tracks
  add column source_url text,                               -- fetched once; null for what came with the video
  add column error jsonb,                                   -- {type, messages[]}
  add column object_key text,                               -- storage key of a text track's WebVTT
  add column updated_at timestamptz,
  add constraint tracks_status check (status in ('preparing', 'ready', 'errored'));

-- A growing rendition is played while it is made: `segments` is appended to, `bandwidth` is what it may cost at most.
alter table renditions
  drop constraint renditions_status_check,
  add constraint renditions_status check (status in ('growing', 'ready')),
  add column iframes jsonb,                                 -- [[segment, offset, bytes, seconds], …] of its keyframes
  add column track_id text references tracks (id) on delete cascade;

create table static_renditions (
  id          text primary key,
  asset_id    text not null references assets (id) on delete cascade,
  name        text not null,                                -- 720p.mp4 | audio.m4a | …
  ext         text not null check (ext in ('mp4', 'm4a')),
  type        text not null default 'standard' check (type in ('standard', 'advanced')),
  resolution  text not null,                                -- as asked for: highest | audio-only | 2160p … 270p
  status      text not null default 'preparing' check (status in ('preparing', 'ready', 'skipped', 'errored')),
  width       integer,
  height      integer,
  bit_rate    integer,                                      -- bits a second
  bytes       bigint,
  object_key  text,
  passthrough text,
  error       jsonb,
  created_at  timestamptz not null,
  unique (asset_id, resolution)
);

create table playback_restrictions (
  id         text primary key,
  referrer   jsonb not null,                                -- {allowed_domains[], allow_no_referrer}
  user_agent jsonb not null,                                -- {allow_no_user_agent, allow_high_risk_user_agent}
  created_at timestamptz not null,
  updated_at timestamptz not null,
  deleted_at timestamptz
);

alter table playback_sessions
  drop column restriction,
  add column restriction_id text,                           -- deleting the restriction ends the session
  add column clip jsonb;                                    -- [from, to] in seconds, of what the token lets be seen
create index playback_sessions_of_restriction on playback_sessions (restriction_id) where restriction_id is not null;

-- Receivers made through the API; those of the configuration are not in here.
create table webhook_endpoints (
  id            text primary key,
  url           text not null unique,
  sealed_secret text not null,                              -- AES-256-GCM under a key derived from the session secret
  created_at    timestamptz not null,
  updated_at    timestamptz not null
);

-- Seconds delivered, in hour buckets. A batch is written once, whatever is tried again.
create table delivery_usage (
  asset_id text not null,
  hour     timestamptz not null,
  tier     text not null check (tier in ('tier_audio_only', 'tier_720p', 'tier_1080p', 'tier_1440p', 'tier_2160p')),
  seconds  double precision not null,
  primary key (asset_id, hour, tier)
);
create index delivery_usage_hours on delivery_usage (hour);
create table usage_batches (
  id         uuid primary key,
  created_at timestamptz not null
);
