-- Who else has seen the audit log: signatures with a time over its heads, its witnesses, and time-stamps.

-- C2SP tlog-cosignature lines of a checkpoint: the log's own, and its witnesses'. A newer one of the same signer takes
-- the older one's place. Not part of the log: what a witness holds is proved by its own copy.
create table audit_cosignatures (
  size bigint not null check (size >= 0),
  key_name text not null,
  key_id bigint not null,
  line text not null,
  signed_at timestamptz not null,
  primary key (size, key_name, key_id)
);
create index audit_cosignatures_time on audit_cosignatures (signed_at);
create index audit_cosignatures_signer on audit_cosignatures (key_name, key_id, signed_at);

-- What is known of each configured witness.
create table audit_witnesses (
  vkey text primary key,
  name text not null,
  since timestamptz not null,
  -- The newest head that it has signed, and when.
  size bigint not null default 0,
  cosigned_at timestamptz,
  -- What came of the last time that it was asked; null before the first.
  outcome text check (outcome in
    ('cosigned', 'forked', 'rolled_back', 'unknown_log', 'unknown_key', 'wrong_answer', 'wrong_clock', 'unreachable')),
  -- The size that it says it has signed, where it refuses.
  its_size bigint,
  asked_at timestamptz,
  failures integer not null default 0,
  -- Nobody asks it before; whoever asks moves this first.
  next_at timestamptz not null
);

-- RFC 3161 time-stamps of checkpoints, as the authority answered.
create table audit_timestamps (
  size bigint primary key check (size >= 0),
  authority text not null,
  -- SHA-256 of the checkpoint's note as the log signed it.
  imprint bytea not null check (octet_length(imprint) = 32),
  response bytea not null,
  stamped_at timestamptz not null,
  received_at timestamptz not null
);
