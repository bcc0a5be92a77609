-- Who may read the audit log: grants for a time, and each quarter's look at them; saved searches; words to search by.

-- Asked for with a reason, given by a second person of security or compliance. `first` is the one that a fresh
-- installation begins with, `command` one that was given on the machine itself.
create table log_grants (
  id text primary key,
  user_id text not null references members (user_id),
  origin text not null check (origin in ('asked', 'first', 'command')),
  reason text not null check (length(reason) between 10 and 500),
  hours integer not null check (hours between 1 and 720),
  asked_at timestamptz not null,
  decision text check (decision in ('approved', 'declined')),
  decided_by text check (decided_by <> user_id),
  decided_at timestamptz,
  ends_at timestamptz check (ends_at <= decided_at + interval '720 hours'),
  ended_by text,
  -- When the log was told that it is over.
  closed_at timestamptz,
  -- When the log last noted that a copy was drawn by this grant, entry by entry.
  copied_at timestamptz,
  check ((decision is null) = (decided_by is null) and (decision is null) = (decided_at is null)),
  check ((ends_at is null) = (decision is distinct from 'approved'))
);
create index log_grants_user on log_grants (user_id, ends_at) where decision = 'approved';
create index log_grants_newest on log_grants (asked_at desc, id desc);
-- There is one first grant, whoever starts at the same time.
create unique index log_grants_first on log_grants (origin) where origin = 'first';

create table log_reviews (
  id text primary key,
  quarter text not null unique check (quarter ~ '^\d{4}-Q[1-4]$'),
  opened_at timestamptz not null,
  due_at timestamptz not null,
  reminded_at timestamptz not null,
  closed_at timestamptz
);
create table log_review_items (
  review_id text not null references log_reviews (id),
  grant_id text not null references log_grants (id),
  decision text check (decision in ('keep', 'remove')),
  evidence text check (length(evidence) between 3 and 500),
  decided_by text,
  decided_at timestamptz,
  primary key (review_id, grant_id),
  check ((decision is null) = (decided_by is null) and (decision is null) = (decided_at is null)
    and (decision is null) = (evidence is null))
);
create index log_review_items_grant on log_review_items (grant_id);

create table log_searches (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  name text not null check (length(name) between 1 and 60),
  query jsonb not null,
  created_at timestamptz not null,
  updated_at timestamptz not null
);
create unique index log_searches_name on log_searches (user_id, name);

-- What an event can be found by as free text: its codes, whole and in parts, and every identifier in it. Nothing of it
-- is personal: people stand in the log by pseudonym, and what is personal is ciphertext, which is left out.
create function audit_words(fields jsonb) returns tsvector language sql immutable parallel safe as $$
  with codes as (
    select lower(code) as code from unnest(array[
      fields ->> 'action', fields ->> 'outcome', fields ->> 'reason', fields ->> 'region', fields ->> 'classification',
      fields #>> '{actor,kind}', fields #>> '{actor,role}', fields #>> '{target,type}'
    ]) code where code is not null
  ), texts as (
    select unnest(array[
      fields ->> 'id', fields ->> 'requestId', fields #>> '{actor,pseudonym}', fields #>> '{target,id}'
    ]) as text
    union all
    select found #>> '{}' from jsonb_path_query(fields -> 'details', '$.** ? (@.type() == "string")') found
  ), words as (
    select code as word from codes
    union select regexp_split_to_table(code, '[^a-z0-9]+') from codes
    union select regexp_split_to_table(lower(text), '[\s,;:"''(){}\[\]<>/\\]+') from texts
  )
  select array_to_tsvector(array(select left(word, 128) from words where word <> '' limit 100))
$$;

-- Filled behind the log, so that no change waits for it; what is not in it yet is looked through.
create table audit_search (
  index bigint primary key,
  words tsvector not null
);
create index audit_search_words on audit_search using gin (words);
