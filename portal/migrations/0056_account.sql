-- A person's own account: second factors, passkeys, codes and links by mail, and what is shown of their sessions.

alter table sessions
  -- "Chrome on macOS", reduced from the user agent at sign-in; the user agent itself is never kept.
  add column device_label text check (length(device_label) between 1 and 60),
  -- Within five minutes; later writes are left out.
  add column last_seen_at timestamptz,
  -- When this session showed a second factor, or began with a passkey.
  add column second_factor_at timestamptz;

create table totp_factors (
  user_id text primary key references users (id) on delete cascade,
  secret_sealed bytea not null,
  created_at timestamptz not null,
  -- Null until the first code was shown: until then it guards nothing.
  confirmed_at timestamptz,
  -- The newest 30-second step whose code was taken: no code is taken twice.
  last_step bigint not null default 0
);

create table recovery_codes (
  user_id text not null references users (id) on delete cascade,
  code_hash bytea not null check (length(code_hash) = 32),
  used_at timestamptz,
  primary key (user_id, code_hash)
);

-- Better Auth's `passkey` model, named in our way (modules/identity/tables.ts).
create table passkeys (
  id text primary key,
  name text check (length(name) <= 60),
  user_id text not null references users (id) on delete cascade,
  public_key text not null,
  credential_id text not null unique,
  counter bigint not null,
  device_type text not null,
  backed_up boolean not null,
  transports text,
  aaguid text,
  created_at timestamptz not null default now()
);
create index passkeys_user on passkeys (user_id);

-- Codes and links on their way by mail. Made alike for addresses that nobody here has.
create table account_proofs (
  id text primary key,
  purpose text not null check (purpose in ('sign-in', 'reset', 'email-change')),
  email_sealed bytea not null,
  secret_hash bytea not null check (length(secret_hash) = 32),
  -- For a change of address: who asks, and the code that went to the address they have.
  user_id text references users (id) on delete cascade,
  present_hash bytea check (length(present_hash) = 32),
  attempts integer not null default 0,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  check ((purpose = 'email-change') = (user_id is not null and present_hash is not null))
);
create unique index account_proofs_secret on account_proofs (secret_hash);
create index account_proofs_expiry on account_proofs (expires_at);
