-- What a share may ask for and allow beyond address, password, views and expiry; who must agree to one that goes
-- beyond the administrators' rules.

-- Text that viewers accept before they watch. A version never changes: what somebody accepted can be shown again.
create table agreements (
  id text primary key,
  organisation_id text not null references organisations (id),
  version integer not null check (version > 0),
  body text not null check (length(body) between 1 and 20000),
  sha256 bytea not null check (length(sha256) = 32),
  created_by text not null,
  created_at timestamptz not null,
  unique (organisation_id, version),
  unique (organisation_id, sha256)
);

alter table shares
  alter column token_hash drop not null,
  add column deny text[] not null default '{}',
  add column starts_at timestamptz,
  add column max_viewers integer check (max_viewers > 0),
  add column viewers_used integer not null default 0
    check (viewers_used >= 0 and (max_viewers is null or viewers_used <= max_viewers)),
  add column countries text[] not null default '{}',
  add column agreement_id text references agreements (id),
  add column watermark boolean not null default false,
  add column note text,
  add column reason text,
  -- pending: waits for a second person; approved: its owner may fetch the token, once; open: the token was made.
  add column approval text not null default 'open' check (approval in ('pending', 'approved', 'declined', 'open')),
  add column asks text[] not null default '{}',
  add column decided_by text,
  add column decided_at timestamptz,
  add constraint shares_token check ((token_hash is null) = (approval <> 'open')),
  add constraint shares_second_person check (decided_by is distinct from created_by),
  add constraint shares_window check (starts_at is null or starts_at < expires_at);
create index shares_pending on shares (created_at, id) where approval = 'pending' and revoked_at is null;

alter table viewer_sessions
  add column agreement_id text references agreements (id),
  add column agreed_at timestamptz;
-- One viewer may come from several browsers; they count once.
create index viewer_sessions_started on viewer_sessions (share_id, email_hash) where view_started_at is not null;

-- Floors and ceilings that every new share obeys or asks leave to go beyond. The newest row holds.
create table share_limits (
  version integer primary key,
  limits jsonb not null,
  set_by text not null,
  set_at timestamptz not null
);
