-- Tiers of the audit log. A range is one C2SP entry bundle: leaves n*256 to n*256+255, whose hash is one hash of the
-- tiles' level 1. Text of entries moves by whole ranges from audit_events (hot) to audit_ranges.entries (warm) to an
-- encrypted object in the portal's storage (archive); hash tiles stay for ever.

-- Every object that the archive ever began to write, until it is deleted: what no range refers to goes.
create table audit_objects (
  key text primary key,
  n bigint not null check (n >= 0),
  begun_at timestamptz not null
);
create index audit_objects_range on audit_objects (n);

create table audit_ranges (
  n bigint primary key check (n >= 0),
  -- RFC 9162: hash over the range's 256 leaves.
  root bytea not null check (octet_length(root) = 32),
  -- Times of its events.
  oldest timestamptz not null,
  newest timestamptz not null,
  -- Newest of the events that go before the range does (playback); null where it has none.
  playback_newest timestamptz,
  tier text not null check (tier in ('warm', 'archive', 'purged')),
  -- Entries whose text is still kept.
  kept smallint not null check (kept between 0 and 256),
  -- PostgreSQL compresses the array as a whole.
  entries text[] check (cardinality(entries) = 256),
  object_key text unique references audit_objects,
  object_sha256 bytea check (octet_length(object_sha256) = 32),
  object_bytes bigint,
  warm_at timestamptz not null,
  archived_at timestamptz,
  check ((tier = 'warm') = (entries is not null)),
  check ((tier = 'archive') = (object_key is not null)),
  check (num_nulls(object_key, object_sha256, object_bytes) in (0, 3)),
  check ((tier = 'purged') = (kept = 0))
);
create index audit_ranges_newest on audit_ranges (tier, newest);
create index audit_ranges_playback on audit_ranges (playback_newest) where playback_newest is not null;

-- What was removed from a range by which rule; the event `audit.seal` in the log says the same.
create table audit_seals (
  n bigint not null references audit_ranges,
  rule text not null check (rule in ('playback', 'age')),
  removed smallint not null check (removed between 0 and 256),
  sealed_at timestamptz not null,
  primary key (n, rule)
);

-- Text of an entry in the warm tier; null where it is in another one.
create function audit_warm_entry(leaf bigint) returns text language sql stable parallel safe as $$
  select entries[(leaf % 256)::int + 1] from audit_ranges where n = leaf / 256
$$;

-- Rows of audit_events go only where a range holds the same text.
create function audit_refuse_unkept() returns trigger language plpgsql as $$
begin
  if (select count(*) from gone) <> (
    select count(*) from gone
      join audit_leaves l on l.seq = gone.seq and l.xid = gone.xid
      join (
        select r.n * 256 + warm.place - 1 as index, warm.entry
        from audit_ranges r, unnest(r.entries) with ordinality as warm (entry, place)
        where r.n in (select l.index / 256 from gone join audit_leaves l on l.seq = gone.seq)
      ) warm on warm.index = l.index and warm.entry = gone.entry
  ) then
    raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'insufficient_privilege';
  end if;
  return null;
end $$;

-- Search columns go only where their range is sealed.
create function audit_refuse_unsealed() returns trigger language plpgsql as $$
begin
  if exists (select from gone where not exists (select from audit_seals s where s.n = gone.index / 256)) then
    raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'insufficient_privilege';
  end if;
  return null;
end $$;

create function audit_refuse_backwards() returns trigger language plpgsql as $$
begin
  if (new.n, new.root, new.oldest, new.newest, new.warm_at) is distinct from (old.n, old.root, old.oldest, old.newest, old.warm_at)
    or new.playback_newest is distinct from old.playback_newest
    or new.kept > old.kept
    or (new.entries is not null and new.entries is distinct from old.entries)
    or array_position(array['warm', 'archive', 'purged'], new.tier) < array_position(array['warm', 'archive', 'purged'], old.tier)
    or (new.kept < old.kept and not exists (select from audit_seals s where s.n = new.n)) then
    raise exception 'audit_ranges only move on' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;

drop trigger append_only on audit_events;
drop trigger append_only on audit_leaves;
create trigger append_only before update or truncate on audit_events
  for each statement execute function audit_refuse_change();
create trigger append_only before update or truncate on audit_leaves
  for each statement execute function audit_refuse_change();
create trigger keeps_text after delete on audit_events referencing old table as gone
  for each statement execute function audit_refuse_unkept();
create trigger keeps_leaves after delete on audit_leaves referencing old table as gone
  for each statement execute function audit_refuse_unsealed();
create trigger append_only before delete or truncate on audit_ranges
  for each statement execute function audit_refuse_change();
create trigger only_moves_on before update on audit_ranges
  for each row execute function audit_refuse_backwards();
create trigger append_only before update or delete or truncate on audit_seals
  for each statement execute function audit_refuse_change();

-- Sizes of the log by day: what its growth is judged by.
create table audit_sizes (
  day date primary key,
  measured_at timestamptz not null,
  events bigint not null,
  hot_bytes bigint not null,
  warm_bytes bigint not null,
  index_bytes bigint not null,
  tree_bytes bigint not null,
  archive_bytes bigint not null
);

-- Forensic snapshots: sealed copies of a part of the log for an incident.
create table audit_snapshots (
  id text primary key,
  incident text not null,
  reason text not null,
  from_time timestamptz not null,
  to_time timestamptz not null,
  first_index bigint,
  last_index bigint,
  status text not null check (status in ('waiting', 'working', 'ready', 'failed')),
  -- Entries written so far, of `entries_total`.
  entries_done bigint not null default 0,
  entries_total bigint,
  object_key text,
  object_sha256 bytea check (octet_length(object_sha256) = 32),
  object_bytes bigint,
  failure text,
  created_by text not null,
  created_at timestamptz not null,
  finished_at timestamptz
);
create index audit_snapshots_newest on audit_snapshots (created_at desc, id desc);

-- Whom an alert is for: staff groups that get its mail.
alter table alerts add column audience text[] not null default '{operations}'
  check (cardinality(audience) > 0 and audience <@ array['security', 'compliance', 'finance', 'operations', 'support']);
