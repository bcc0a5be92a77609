-- The webhook inbox as a queue of its own, dead letters, their attempts and replays, exact counts of what was rejected.

alter table webhook_events
  -- pending → applied, dead or discarded; dead → applied or discarded. Never back.
  add column state text not null default 'pending' check (state in ('pending', 'dead', 'applied', 'discarded')),
  -- When the next try is due; null where there is none.
  add column next_try_at timestamptz,
  -- Whoever applies it holds it until then; a process that dies gives it back by the clock.
  add column claimed_until timestamptz,
  -- Times that it was taken and nothing was heard of it again since its last recorded try.
  add column claims integer not null default 0,
  -- Short code of the last failure, by which dead letters are told together: 'provider_unavailable'
  add column cause text,
  add column died_at timestamptz,
  -- The replay that is to try it once.
  add column replay_id text,
  add column discarded_at timestamptz,
  add column discarded_by text,
  add column discard_reason text,
  -- Not received: put in by a comparison with the service, where an event never came.
  add column synthetic boolean not null default false,
  -- Of each signed request by which it came: a request that comes twice is a replay.
  add column signatures bytea[] not null default '{}',
  -- What it speaks of, by the best name there is: events of one upload are applied with one look at it.
  add column subject text generated always as
    (coalesce(nullif(body ->> 'passthrough', ''), nullif(body ->> 'upload_id', ''), object_id)) stored;

update webhook_events set state = 'applied' where applied_at is not null;
update webhook_events set next_try_at = received_at where applied_at is null;

drop index webhook_events_open;
create index webhook_events_due on webhook_events (attempts, next_try_at) where state = 'pending';
create index webhook_events_failing on webhook_events (received_at desc, id desc)
  where state = 'dead' or (state = 'pending' and attempts > 0);
create index webhook_events_dead on webhook_events (subject) where state = 'dead';
create index webhook_events_replay on webhook_events (replay_id) where replay_id is not null;

-- Neither a person nor a fault may change what the service said, nor take back how it ended.
create function webhook_events_hold() returns trigger language plpgsql as $$
begin
  if (new.id, new.provider, new.type, new.object_type, new.object_id, new.body, new.occurred_at, new.received_at, new.synthetic)
    is distinct from
     (old.id, old.provider, old.type, old.object_type, old.object_id, old.body, old.occurred_at, old.received_at, old.synthetic)
  then
    raise exception 'a webhook is kept as it came: only how it was applied may change';
  end if;
  if old.state in ('applied', 'discarded') and new.state <> old.state or old.state = 'dead' and new.state = 'pending' then
    raise exception 'a webhook that is % can not become %', old.state, new.state;
  end if;
  return new;
end $$;
create trigger webhook_events_hold
  before update of id, provider, type, object_type, object_id, body, occurred_at, received_at, synthetic, state
  on webhook_events for each row execute function webhook_events_hold();

-- Each try that failed, and each that followed one.
create table webhook_attempts (
  id        bigint generated always as identity primary key,
  event_id  text not null references webhook_events (id) on delete cascade,
  number    integer not null,                       -- of this event, from 1
  origin    text not null check (origin in ('delivery', 'schedule', 'person', 'command')),
  replay_id text,
  at        timestamptz not null,
  outcome   text not null check (outcome in ('failed', 'applied')),
  cause     text,
  error     text,
  next_step text not null                           -- what happens then, as a code: 'retry', 'dead', 'none' …
);
create index webhook_attempts_event on webhook_attempts (event_id, id);
create index webhook_attempts_age on webhook_attempts (at);
create index webhook_attempts_replay on webhook_attempts (replay_id) where replay_id is not null;

create table webhook_replays (
  id          text primary key,
  origin      text not null check (origin in ('schedule', 'person', 'command')),
  asked_by    text not null,
  asked_at    timestamptz not null,
  selection   jsonb not null,
  found       integer not null,                     -- letters that it is to try, each once
  applied     integer not null default 0,
  failed      integer not null default 0,
  progress_at timestamptz not null,
  finished_at timestamptz
);
create index webhook_replays_newest on webhook_replays (asked_at desc, id desc);
create index webhook_replays_running on webhook_replays (progress_at) where finished_at is null;

alter table webhook_rejections drop constraint webhook_rejections_reason_check;
alter table webhook_rejections add constraint webhook_rejections_reason_check
  check (reason in ('signature', 'replay', 'too_large', 'not_text', 'not_an_event', 'incomplete'));

-- Every request that was refused, whether or not its metadata was written down.
create table webhook_rejection_counts (
  hour    timestamptz not null,
  reason  text not null,
  count   bigint not null,
  last_at timestamptz not null,
  told    bigint not null default 0,                -- of them, those that the audit log already has
  primary key (hour, reason)
);

-- Types and shapes that this portal does not know, each told of once.
create table webhook_kinds (
  kind          text primary key,                   -- 'type:video.asset.warming_up', 'shape:video.asset.ready:status'
  first_seen_at timestamptz not null,
  event_id      text not null                       -- the first of its kind
);
