-- The audit log: an RFC 9162 Merkle tree in Postgres.
-- audit_events is written in the transaction of the change; one sequencer integrates what was committed into the tree.

create table audit_events (
  seq bigint generated always as identity,
  -- The writing transaction. What a snapshot could not see yet has a greater or equal one than that snapshot's oldest
  -- running transaction: so the sequencer finds late commits without a mark on the row, which nobody may change.
  xid xid8 not null default pg_current_xact_id(),
  -- Canonical JSON (RFC 8785); its UTF-8 bytes are the leaf's entry. At most what a C2SP entry bundle can carry.
  entry text not null check (octet_length(entry) between 2 and 65535),
  leaf_hash bytea not null check (octet_length(leaf_hash) = 32),
  -- One index, and not a second one on seq: it is paid for at every change.
  primary key (xid, seq)
);

-- Position in the tree, and the columns to search by; all of them stand in the entry too, and verify compares them.
create table audit_leaves (
  index bigint primary key check (index >= 0),
  xid xid8 not null,
  seq bigint not null unique,
  event_id text,
  time timestamptz not null,
  -- Bytewise order, so that `share.` finds every action on shares by a range.
  action text collate "C",
  outcome text,
  actor text,
  target_type text,
  target_id text,
  share_id text
);
create index audit_leaves_time on audit_leaves (time, seq);
create index audit_leaves_event on audit_leaves (event_id);
create index audit_leaves_action on audit_leaves (action, time, seq);
create index audit_leaves_actor on audit_leaves (actor, time, seq);
create index audit_leaves_target on audit_leaves (target_id, time, seq);
create index audit_leaves_outcome on audit_leaves (outcome, time, seq) where outcome <> 'allowed';
create index audit_leaves_share on audit_leaves (share_id, time, seq) where share_id is not null;

-- C2SP tlog-tiles: up to 256 hashes of 32 bytes; the last tile of a level grows.
create table audit_tiles (
  level smallint not null check (level between 0 and 7),
  n bigint not null check (n >= 0),
  hashes bytea not null check (octet_length(hashes) between 32 and 8192 and octet_length(hashes) % 32 = 0),
  primary key (level, n)
);

-- C2SP tlog-checkpoint, as signed; numbered without gaps, so that a missing one shows.
create table audit_checkpoints (
  size bigint primary key check (size >= 0),
  ordinal bigint not null unique check (ordinal > 0),
  root bytea not null check (octet_length(root) = 32),
  note text not null,
  signed_at timestamptz not null
);

-- The head of the tree; a batch holds this row's lock and moves `batch` from the value it read.
create table audit_head (
  one boolean primary key default true check (one),
  batch bigint not null default 0,
  size bigint not null default 0,
  -- Every committed event of an older transaction is in the tree; counted in the transactions of `cluster`.
  horizon xid8 not null default '0',
  cluster bigint not null default 0,
  -- First line of each checkpoint: the log's name, given once.
  origin text
);
insert into audit_head default values;

-- One random key a person, sealed by a secret that is not in this database. Deleting the row erases that person from
-- every entry, the bytes of which stay.
create table subject_keys (
  pseudonym text primary key,
  lookup bytea not null unique check (octet_length(lookup) = 32),
  sealed_key bytea not null,
  created_at timestamptz not null
);

-- The search columns of an entry. An entry that is no JSON must not stop the sequencer: verify reports it.
create function audit_fields(entry text) returns jsonb language plpgsql immutable parallel safe as $$
begin
  return entry::jsonb;
exception when others then
  return '{}'::jsonb;
end $$;

create function audit_instant(text) returns timestamptz language plpgsql stable parallel safe as $$
begin
  return coalesce($1::timestamptz, 'epoch');
exception when others then
  return 'epoch';
end $$;

-- The share that an event is about: its target, or named in its details.
create function audit_share(fields jsonb) returns text language sql immutable parallel safe as $$
  select case when fields #>> '{target,type}' = 'share' then fields #>> '{target,id}' else fields #>> '{details,share_id}' end
$$;

create function audit_refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only: % refused', tg_table_name, tg_op using errcode = 'insufficient_privilege';
end $$;

create function audit_refuse_shrinking_tile() returns trigger language plpgsql as $$
begin
  if (new.level, new.n) is distinct from (old.level, old.n)
    or octet_length(new.hashes) < octet_length(old.hashes)
    or substring(new.hashes for octet_length(old.hashes)) <> old.hashes then
    raise exception 'audit_tiles only grow' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;

create function audit_refuse_shrinking_head() returns trigger language plpgsql as $$
begin
  if new.size < old.size or new.batch < old.batch or new.origin is distinct from coalesce(old.origin, new.origin) then
    raise exception 'audit_head only grows' using errcode = 'insufficient_privilege';
  end if;
  return new;
end $$;

create trigger append_only before update or delete or truncate on audit_events
  for each statement execute function audit_refuse_change();
create trigger append_only before update or delete or truncate on audit_leaves
  for each statement execute function audit_refuse_change();
create trigger append_only before update or delete or truncate on audit_checkpoints
  for each statement execute function audit_refuse_change();
create trigger append_only before delete or truncate on audit_tiles
  for each statement execute function audit_refuse_change();
create trigger append_only before delete or truncate on audit_head
  for each statement execute function audit_refuse_change();
create trigger only_grows before update on audit_tiles
  for each row execute function audit_refuse_shrinking_tile();
create trigger only_grows before update on audit_head
  for each row execute function audit_refuse_shrinking_head();
