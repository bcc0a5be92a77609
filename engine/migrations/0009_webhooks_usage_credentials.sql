-- Receivers of the API, what redelivery needs, progress of usage imports, daily exports, credentials of the CLI.

alter table webhook_endpoints
  add column enabled boolean not null default true,
  add column number integer generated always as identity (start with 1001);  -- `webhook_id` of attempts is an integer

-- `endpoint` names the receiver: an address of the configuration, or the id of a row of webhook_endpoints.
alter table webhook_deliveries
  add column retry_from timestamptz;                        -- the 24 hours count from here after a redelivery
create index webhook_deliveries_given_up on webhook_deliveries (gave_up_at) where gave_up_at is not null;

-- A batch is a journal of one delivery process; it is imported piece by piece, each byte once.
alter table usage_batches
  add column imported_bytes bigint not null default 0,
  add column updated_at timestamptz;

create table usage_exports (
  day          date primary key,                            -- UTC
  csv          bytea not null,                              -- gzip
  bytes        integer not null,                            -- of the CSV itself
  stale        boolean not null default false,              -- late data came in: is made anew
  generated_at timestamptz not null
);

-- Beside the credentials of the configuration; the secret is shown once.
create table api_credentials (
  id          text primary key,
  secret_hash bytea not null,                               -- SHA-256 of a random 256-bit secret
  name        text,
  created_at  timestamptz not null,
  deleted_at  timestamptz
);
