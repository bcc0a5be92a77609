-- Shares, the viewers that passed their gates, and the keys that sign playback.

create table shares (
  id text primary key,
  video_id text not null references videos (id),
  organisation_id text not null references organisations (id),
  created_by text not null,
  access text not null check (access in ('link', 'email', 'account')),
  token_hash bytea not null unique check (length(token_hash) = 32),
  allow text[] not null default '{}',
  password_hash text,
  max_views integer check (max_views > 0),
  views_used integer not null default 0 check (views_used >= 0 and (max_views is null or views_used <= max_views)),
  expires_at timestamptz not null,
  created_at timestamptz not null,
  last_used_at timestamptz,
  revoked_at timestamptz,
  revoke_reason text,
  revoked_by text,
  region text not null,
  check ((revoked_at is null) = (revoke_reason is null))
);
create index shares_newest on shares (created_at desc, id desc);
create index shares_video on shares (video_id, created_at desc);
create index shares_organisation on shares (organisation_id, created_at desc, id desc);
create index shares_expiry on shares (expires_at, id) where revoked_at is null;

create table viewer_sessions (
  id text primary key,
  share_id text not null references shares (id) on delete cascade,
  cookie_hash bytea not null check (length(cookie_hash) = 32),
  user_id text,
  -- The address is kept sealed; its keyed hash finds it again.
  email_hash bytea,
  email_sealed bytea,
  email_verified_at timestamptz,
  password_passed_at timestamptz,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  -- The `session` claim of this viewer's playback tokens: one playback, one claim.
  playback_claim text not null unique,
  view_started_at timestamptz,
  token_expires_at timestamptz,
  renewals integer not null default 0,
  ended_at timestamptz,
  black_at timestamptz,
  unique (cookie_hash, share_id)
) with (fillfactor = 80);
-- Without token_expires_at, which every renewal moves: in no index, it costs none of them a write (HOT).
create index viewer_sessions_share on viewer_sessions (share_id);
create index viewer_sessions_expiry on viewer_sessions (expires_at);

create table viewer_codes (
  viewer_session_id text primary key references viewer_sessions (id) on delete cascade,
  email_hash bytea not null,
  code_hash bytea not null,
  expires_at timestamptz not null,
  attempts integer not null default 0
);

-- An owner's own playback of a video, renewed under one claim.
create table owner_playbacks (
  user_id text not null references users (id) on delete cascade,
  video_id text not null references videos (id),
  playback_claim text not null unique,
  token_expires_at timestamptz not null,
  primary key (user_id, video_id)
);

create table signing_keys (
  id text primary key,
  provider text not null,
  private_key_sealed bytea not null,
  created_at timestamptz not null,
  retired_at timestamptz,
  deleted_at timestamptz
);
