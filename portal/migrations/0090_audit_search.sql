-- Free text of the audit log, newest first: the index keeps each word by the stretch of the log that it stands in, so
-- that a search reads stretch by stretch from the newest and ends where its page is full.

-- As before, and of an event with more than a hundred words always the same: codes first, then whom and what it is
-- about. Those a search by columns may therefore ask this index for.
create or replace function audit_words(fields jsonb) returns tsvector language sql immutable parallel safe as $$
  with codes as (
    select lower(code) as code from unnest(array[
      fields ->> 'action', fields ->> 'outcome', fields ->> 'reason', fields ->> 'region', fields ->> 'classification',
      fields #>> '{actor,kind}', fields #>> '{actor,role}', fields #>> '{target,type}'
    ]) code where code is not null
  ), texts as (
    select 3 as place, unnest(array[
      fields ->> 'id', fields ->> 'requestId', fields #>> '{actor,pseudonym}', fields #>> '{target,id}',
      fields #>> '{details,share_id}'
    ]) as text
    union all
    select 4, found #>> '{}' from jsonb_path_query(fields -> 'details', '$.** ? (@.type() == "string")') found
  ), words as (
    select 1 as place, code as word from codes
    union all select 2, regexp_split_to_table(code, '[^a-z0-9]+') from codes
    union all select place, regexp_split_to_table(lower(text), '[\s,;:"''(){}\[\]<>/\\]+') from texts
  )
  select array_to_tsvector(array(
    select left(word, 128) from words where word <> '' group by word order by min(place), word collate "C" limit 100
  ))
$$;

update audit_search s set words = audit_words(audit_fields(coalesce(e.entry, audit_warm_entry(l.index))))
  from audit_leaves l left join audit_events e on e.xid = l.xid and e.seq = l.seq
  where l.index = s.index and length(s.words) >= 100 and coalesce(e.entry, audit_warm_entry(l.index)) is not null;

-- A stretch is 4096 events. Its number stands before each word: `1f:refused`.
create function audit_stretch(index bigint) returns bigint language sql immutable parallel safe return index / 4096;

create function audit_placed_words(index bigint, words tsvector) returns tsvector language sql immutable parallel safe
  return array_to_tsvector(array(
    select to_hex(audit_stretch(index)) || ':' || word from unnest(tsvector_to_array(words)) word
  ));

drop index audit_search_words;
-- A search looks into it once a stretch; a list of what is still to be sorted in would be read as often.
create index audit_search_placed on audit_search using gin (audit_placed_words(index, words)) with (fastupdate = off);

-- Times that the events of a stretch lie between: what is older than a whole page need not be looked through.
create table audit_search_stretches (
  n bigint primary key check (n >= 0),
  oldest timestamptz not null,
  newest timestamptz not null check (newest >= oldest)
);
insert into audit_search_stretches (n, oldest, newest)
  select audit_stretch(l.index), min(l.time), max(l.time) from audit_leaves l join audit_search s on s.index = l.index group by 1;
analyze audit_search;
