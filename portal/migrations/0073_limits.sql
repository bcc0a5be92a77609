-- Limits. A key's one number is its theoretical arrival time (GCRA), in microseconds since 1970 by this database's clock.
-- Unlogged: a count waits for no disk; what a crash empties, the processes' own memory still holds. No index beside the
-- key, so that an update stays on its page.
drop table rate_limits;
create unlogged table limit_arrivals (
  key        text collate "C" primary key,
  arrival_us bigint not null
) with (fillfactor = 50);

-- Judges checks one after the other, all of a check's uses or none. p_keys: each key once, sorted; p_floors: what the
-- caller knows each to owe at least; p_sizes: uses of each check; then one entry a use: place of its key, cost, room.
create function limit_take(
  p_keys text[], p_floors bigint[], p_sizes int[], p_places int[], p_costs bigint[], p_rooms bigint[],
  out at_us bigint, out admitted boolean[], out debts_us bigint[]
) language plpgsql as $$
declare
  arrivals bigint[];
  first int := 1;
  last int;
  debt bigint;
  fits boolean;
begin
  for attempt in 1..10 loop
    select array_agg(locked.arrival_us order by locked.key) into arrivals
    from (select key, arrival_us from limit_arrivals where key = any (p_keys) order by key for update) locked;
    exit when cardinality(arrivals) = cardinality(p_keys);
    insert into limit_arrivals (key, arrival_us)
    select key, 0 from unnest(p_keys) key order by key on conflict do nothing;
  end loop;
  if cardinality(arrivals) is distinct from cardinality(p_keys) then
    raise exception 'limit rows could not be locked';
  end if;
  -- Read behind the locks: a key's times follow the order in which its uses are judged.
  at_us := extract(epoch from clock_timestamp()) * 1000000;
  for n in 1..cardinality(p_keys) loop
    arrivals[n] := greatest(arrivals[n], at_us + p_floors[n]);
  end loop;
  admitted := '{}';
  debts_us := '{}';
  for n in 1..cardinality(p_sizes) loop
    last := first + p_sizes[n] - 1;
    fits := true;
    for u in first..last loop
      -- More than the room can only be owed where the clock was put back.
      debt := least(p_rooms[u], greatest(0, arrivals[p_places[u]] - at_us));
      debts_us[u] := debt;
      fits := fits and debt + p_costs[u] <= p_rooms[u];
    end loop;
    if fits then
      for u in first..last loop
        debts_us[u] := debts_us[u] + p_costs[u];
        arrivals[p_places[u]] := at_us + debts_us[u];
      end loop;
    end if;
    admitted[n] := fits;
    first := last + 1;
  end loop;
  update limit_arrivals held set arrival_us = judged.arrival_us
  from unnest(p_keys, arrivals) judged (key, arrival_us)
  where held.key = judged.key and held.arrival_us <> judged.arrival_us;
end
$$;

-- The numbers and modes of the declared rules, as administrators set them; without a row the declared ones hold.
create table limit_policies (
  version integer primary key check (version > 0),
  rules   jsonb not null,
  reason  text not null,
  set_by  text not null,
  set_at  timestamptz not null
);

-- What each rule judged, a row a minute.
create table limit_counts (
  minute       timestamptz not null,
  rule         text not null,
  admitted     bigint not null default 0,
  refused      bigint not null default 0,
  would_refuse bigint not null default 0,
  primary key (minute, rule)
);

-- Each throttling, gathered a minute and identity: a keyed hash, never an address.
create table limit_throttlings (
  minute         timestamptz not null,
  rule           text not null,
  identity       text not null,
  enforced       boolean not null,
  reason         text not null check (reason in ('quota', 'store_failed')),
  policy_version integer not null,
  count          bigint not null,
  first_at       timestamptz not null,
  last_at        timestamptz not null,
  primary key (minute, rule, identity, enforced, reason)
);

create table limit_overrides (
  id           text primary key,
  limit_class  text not null,
  subject_kind text not null check (subject_kind in ('user', 'organisation', 'share')),
  subject_id   text not null,
  quota        integer not null check (quota > 0),
  reason       text not null,
  asked_by     text not null,
  asked_at     timestamptz not null,
  expires_at   timestamptz not null check (expires_at > asked_at),
  decision     text check (decision in ('approved', 'declined')),
  decided_by   text check (decided_by <> asked_by),
  decided_at   timestamptz,
  ended_by     text,
  ended_at     timestamptz,
  check ((decision is null) = (decided_at is null))
);
create index limit_overrides_newest on limit_overrides (asked_at desc, id desc);
create index limit_overrides_expiry on limit_overrides (expires_at);

-- How much of the budget is used up, as cost monitoring or a person says; the newest that has not ended holds.
create table budget_levels (
  id     text primary key,
  level  text not null check (level in ('normal', 'warning', 'exhausted')),
  reason text not null,
  set_by text not null,
  set_at timestamptz not null,
  until  timestamptz not null check (until > set_at)
);
create index budget_levels_until on budget_levels (until);
