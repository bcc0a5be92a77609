-- Who may act: organisations, accounts (kept by Better Auth), their roles, and invitations.

create table organisations (
  id text primary key,
  name text not null check (length(name) between 1 and 120),
  region text not null,
  created_at timestamptz not null
);

-- users, sessions, accounts, verifications: Better Auth's tables, named in our way (modules/identity/tables.ts).
create table users (
  id text primary key,
  name text not null,
  email text not null unique check (email = lower(email)),
  email_verified boolean not null default false,
  image text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table sessions (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  token text not null unique,
  expires_at timestamptz not null,
  ip_address text check (ip_address is null or ip_address = ''),
  user_agent text check (user_agent is null or user_agent = ''),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index sessions_user on sessions (user_id);

create table accounts (
  id text primary key,
  user_id text not null references users (id) on delete cascade,
  account_id text not null,
  provider_id text not null,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  password text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (provider_id, account_id)
);
create index accounts_user on accounts (user_id);

create table verifications (
  id text primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index verifications_identifier on verifications (identifier);

-- What Better Auth must not know: where a person belongs and what they may do.
create table members (
  user_id text primary key references users (id) on delete cascade,
  organisation_id text not null references organisations (id),
  role text not null check (role in ('guest', 'agency', 'admin')),
  staff_groups text[] not null default '{}'
    check (staff_groups <@ array['security', 'compliance', 'finance', 'operations'] and (role = 'admin' or staff_groups = '{}')),
  created_at timestamptz not null
);
create index members_organisation on members (organisation_id);

create table invitations (
  id text primary key,
  token_hash bytea not null unique check (length(token_hash) = 32),
  email text not null check (email = lower(email)),
  organisation_id text not null references organisations (id),
  role text not null check (role in ('guest', 'agency', 'admin')),
  invited_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null,
  accepted_at timestamptz
);
create index invitations_open on invitations (created_at desc, id desc) where accepted_at is null;
