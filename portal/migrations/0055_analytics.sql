-- What a share's owner sees of watching, what they are told by mail, and how they prolong a share.

alter table shares
  -- Whether the parts that were watched are kept for the owner; viewers are told before they watch.
  add column analytics boolean not null default true,
  add column first_view_told_at timestamptz,
  add column expiry_told_at timestamptz;
-- Shares that were watched and of which the owner has not heard: told ones leave the index.
create index shares_first_view on shares (last_used_at) where first_view_told_at is null and last_used_at is not null;

-- Version of the notice that stood before Watch when the view began; null where nothing is kept for the owner.
alter table viewer_sessions add column notice smallint check (notice > 0);

-- An organisation that wants nothing kept about watching; without a row it is kept.
create table analytics_settings (
  organisation_id text primary key references organisations (id) on delete cascade,
  recording boolean not null,
  set_by text not null,
  set_at timestamptz not null
);

-- What one viewer session has played: milliseconds in each of a fixed number of parts of the video.
create table viewer_progress (
  viewer_session_id text primary key references viewer_sessions (id) on delete cascade,
  share_id text not null references shares (id) on delete cascade,
  duration_ms integer not null check (duration_ms > 0),
  parts integer[] not null check (cardinality(parts) between 100 and 600),
  -- Of these, each moment of the video once.
  seen_ms integer not null default 0 check (seen_ms >= 0),
  furthest_ms integer not null default 0 check (furthest_ms >= 0),
  first_at timestamptz not null,
  last_at timestamptz not null,
  -- Milliseconds of playing that may still be claimed at `last_at`.
  credit_ms integer not null check (credit_ms >= 0),
  -- Which batches of which players were counted: [{"run": …, "seq": …, "mask": …}, …]
  runs jsonb not null default '[]' check (jsonb_typeof(runs) = 'array')
) with (fillfactor = 70);
create index viewer_progress_share on viewer_progress (share_id);

-- When an invited address was last reminded of a share; the address as a keyed hash.
create table share_reminders (
  share_id text not null references shares (id) on delete cascade,
  email_hash bytea not null check (length(email_hash) = 32),
  times integer not null default 1 check (times > 0),
  reminded_at timestamptz not null,
  primary key (share_id, email_hash)
);

-- Asked to live longer, or for more views, than the limits let anybody give alone.
create table share_extensions (
  id text primary key,
  share_id text not null references shares (id) on delete cascade,
  expires_at timestamptz not null,
  max_views integer check (max_views > 0),
  asks text[] not null,
  reason text not null,
  asked_by text not null,
  asked_at timestamptz not null,
  decision text check (decision in ('approved', 'declined')),
  decided_by text,
  decided_at timestamptz,
  check ((decision is null) = (decided_by is null) and (decision is null) = (decided_at is null)),
  check (decided_by is distinct from asked_by)
);
create unique index share_extensions_open on share_extensions (share_id) where decision is null;

-- How somebody wants to hear of one kind of news; without a row: as soon as it happens.
create table notification_preferences (
  user_id text not null references users (id) on delete cascade,
  kind text not null check (kind in ('first_view', 'refusals', 'expiry')),
  delivery text not null check (delivery in ('soon', 'daily', 'off')),
  primary key (user_id, kind)
);

-- News for owners of shares, until they are mailed; kept a while, so that none is told twice.
create table owner_news (
  id bigint generated always as identity primary key,
  user_id text not null references users (id) on delete cascade,
  kind text not null check (kind in ('first_view', 'refusals', 'expiry')),
  share_id text not null references shares (id) on delete cascade,
  -- How many things of this kind: refused attempts, addresses that have not watched.
  amount integer not null default 1 check (amount >= 0),
  happened_at timestamptz not null,
  mailed_at timestamptz
);
create index owner_news_waiting on owner_news (user_id, id) where mailed_at is null;
create index owner_news_mailed on owner_news (mailed_at) where mailed_at is not null;
-- Refused attempts on one share gather in one row until it is mailed.
create unique index owner_news_gathering on owner_news (share_id, kind) where mailed_at is null;

-- How far the audit log has been read for refusals.
create table refusals_read (
  one boolean primary key default true check (one),
  leaf_index bigint not null default -1
);
insert into refusals_read default values;
