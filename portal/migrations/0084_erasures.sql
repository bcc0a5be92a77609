-- Erasing a person: who asked, which second person agreed, and step by step what was removed where.

create table erasures (
  id text primary key,
  kind text not null check (kind in ('account', 'guest')),
  -- Of an account holder: a pseudonym, which names nobody once the account is erased.
  user_id text references users (id),
  -- Whom it is about, sealed; and the keyed hash that keeps two erasures of one person apart. Emptied at the end.
  person_sealed bytea,
  person_hash bytea check (length(person_hash) = 32),
  reason text not null check (reason in ('erasure_request', 'consent_withdrawn', 'retention_over')),
  -- How the request is called elsewhere; never a name.
  reference text not null check (reference ~ '^[A-Za-z0-9][A-Za-z0-9._/-]{0,63}$'),
  -- What becomes of videos that an account holder owns.
  videos text check (videos in ('transfer', 'delete')),
  successor_id text references users (id),
  asked_by text not null,
  asked_at timestamptz not null,
  status text not null check (status in ('pending', 'running', 'done', 'declined')),
  decided_by text,
  decided_at timestamptz,
  -- The steps are gone through again where the last look still finds something.
  round integer not null default 1 check (round > 0),
  -- Why the newest try broke off, as a code and the step; null while nothing is wrong.
  failure text,
  finished_at timestamptz,
  check (kind = 'guest' or user_id is not null),
  check ((videos = 'transfer') = (successor_id is not null)),
  check ((status in ('pending', 'running')) = (person_sealed is not null)),
  check ((person_sealed is null) = (person_hash is null)),
  check ((status = 'done') = (finished_at is not null)),
  check ((decided_by is null) = (status = 'pending')),
  constraint erasures_second_person check (decided_by is distinct from asked_by),
  constraint erasures_not_oneself check (user_id is null or (decided_by is distinct from user_id and asked_by <> user_id))
);
create unique index erasures_open on erasures (person_hash) where person_hash is not null;
create index erasures_newest on erasures (asked_at desc, id desc);

-- What a step removed, in which round: [{"place": "table.column", "did": "deleted", "rows": 3}, …]
create table erasure_steps (
  erasure_id text not null references erasures (id),
  round integer not null,
  place integer not null,
  step text not null,
  removed jsonb not null check (jsonb_typeof(removed) = 'array'),
  done_at timestamptz not null,
  primary key (erasure_id, round, step)
);

-- From then on nobody stands behind this account: its row stays for what refers to it.
alter table members add column erased_at timestamptz check (erased_at is null or deactivated_at is not null);

-- Addresses that somebody had here before: what was kept under them is found and erased too.
create table former_addresses (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  address_sealed bytea not null,
  changed_at timestamptz not null
);
create index former_addresses_user on former_addresses (user_id);

-- Forensic snapshots end; the row stays as evidence.
alter table audit_snapshots drop constraint audit_snapshots_status_check;
alter table audit_snapshots
  add constraint audit_snapshots_status_check check (status in ('waiting', 'working', 'ready', 'failed', 'removed')),
  add column removed_at timestamptz,
  add constraint audit_snapshots_removed check ((status = 'removed') = (removed_at is not null));

-- Words of entries that were removed by their time: from now on they go in the same transaction.
delete from audit_search kept where not exists (select from audit_leaves l where l.index = kept.index);
