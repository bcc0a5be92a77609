-- The staff's list of shares at a million of them: what a share's state is without a clock, when it ends, and the
-- indexes that pages are read by.

alter table shares
  -- The part of the state word that no clock moves; what time decides is asked beside it (modules/sharing/share-state.ts).
  add column standing text not null generated always as (
    case when revoked_at is not null then 'revoked'
         when approval <> 'open' then approval
         when max_views is not null and views_used >= max_views then 'used_up'
         else 'open' end) stored,
  -- When it ended, or ends at the latest: the list drops it thirty days after.
  add column ends_at timestamptz not null generated always as (
    case when revoked_at is not null then revoked_at
         when approval = 'declined' then coalesce(decided_at, expires_at)
         when approval = 'open' and max_views is not null and views_used >= max_views
           then least(coalesce(last_used_at, expires_at), expires_at)
         else expires_at end) stored,
  add column ends_day date not null generated always as (
    (case when revoked_at is not null then revoked_at
         when approval = 'declined' then coalesce(decided_at, expires_at)
         when approval = 'open' and max_views is not null and views_used >= max_views
           then least(coalesce(last_used_at, expires_at), expires_at)
         else expires_at end at time zone 'UTC')::date) stored;

-- In each order over everything; a page that is dense in them is read from here.
create index shares_by_expiry on shares (expires_at, id);
create index shares_by_use on shares (coalesce(last_used_at, '-infinity'), id);
create index shares_by_views on shares (views_used, id);
-- In each order within the shares of one state that end on one day: what is rare or far is merged from its days.
create index shares_day_created on shares (standing, ends_day, created_at, id);
create index shares_day_expiry on shares (standing, ends_day, expires_at, id);
create index shares_day_use on shares (standing, ends_day, coalesce(last_used_at, '-infinity'), id);
create index shares_day_views on shares (standing, ends_day, views_used, id);
-- What narrows a search: somebody's, a region's.
create index shares_video_end on shares (video_id, ends_at);
create index shares_organisation_end on shares (organisation_id, ends_at);
create index shares_maker_end on shares (created_by, ends_at);
create index shares_region_end on shares (region, ends_at);
create index shares_opening on shares (starts_at) where starts_at is not null;
drop index shares_expiry;
drop index shares_video;

-- Playbacks that have begun and not been ended: renewals touch none of these columns.
create index viewer_sessions_begun on viewer_sessions (share_id, expires_at)
  where view_started_at is not null and ended_at is null;

-- Search by parts of words. Without the extension (a bare PostgreSQL elsewhere) it works too, by reading the names.
do $$ begin
  create extension if not exists pg_trgm;
  create index videos_title_words on videos using gin (title gin_trgm_ops);
  create index organisations_name_words on organisations using gin (name gin_trgm_ops);
  create index users_name_words on users using gin (name gin_trgm_ops);
exception when feature_not_supported or insufficient_privilege then
  raise notice 'pg_trgm is not there: searches read every title and name';
end $$;

-- A way of looking at the list that an administrator has named. The query is what stands in the page's address.
create table share_list_views (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  name text not null check (length(name) between 1 and 60),
  query jsonb not null,
  is_default boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create unique index share_list_views_name on share_list_views (user_id, name);
create unique index share_list_views_default on share_list_views (user_id) where is_default;

-- What the nightly look at all shares found; counts and share IDs alone.
create table share_checks (
  id text primary key,
  checked_at timestamptz not null,
  report jsonb not null,
  -- The next night goes on behind this video.
  last_video text
);
create index share_checks_newest on share_checks (checked_at desc);
