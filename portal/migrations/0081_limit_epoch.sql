-- Since when the counts of limits can be trusted: the moment, by this database's clock, at which the processes began to tell
-- what they know to be owed. Unlogged as the counts themselves: a crash that empties them begins a new epoch.
create unlogged table limit_epoch (
  only_one boolean primary key default true check (only_one),
  born_us  bigint not null
);
insert into limit_epoch (born_us) values (0);

-- limit_take for a process that knows the epoch and about what time it must be. States: judged; other (a new epoch: tell
-- what you know, then come again); doubt (the clock is not within p_from..p_to: come again with p_renew); young (the epoch
-- is younger than p_grace: others still tell).
create function limit_judge(
  p_keys text[], p_floors bigint[], p_sizes int[], p_places int[], p_costs bigint[], p_rooms bigint[],
  p_epoch bigint, p_from bigint, p_to bigint, p_renew boolean, p_grace bigint,
  out state text, out epoch bigint, out at_us bigint, out admitted boolean[], out debts_us bigint[]
) language plpgsql as $$
begin
  at_us := extract(epoch from clock_timestamp()) * 1000000;
  select born_us into epoch from limit_epoch;
  if epoch is null then
    insert into limit_epoch (born_us) values (at_us) on conflict do nothing;
    select born_us into epoch from limit_epoch;
  end if;
  -- Born later than now: the clock was put back.
  if epoch > at_us or (epoch = p_epoch and p_renew and at_us not between p_from and p_to) then
    update limit_epoch set born_us = at_us where born_us = epoch;
    select born_us into epoch from limit_epoch;
  end if;
  state := case
    when epoch <> p_epoch then 'other'
    when at_us not between p_from and p_to then 'doubt'
    when at_us - epoch < p_grace then 'young'
    else 'judged' end;
  if state = 'judged' and cardinality(p_keys) > 0 then
    select t.at_us, t.admitted, t.debts_us into at_us, admitted, debts_us
    from limit_take(p_keys, p_floors, p_sizes, p_places, p_costs, p_rooms) t;
  end if;
end
$$;

-- What a process knows keys to owe at least. Each key once, sorted, as limit_take locks them.
create function limit_tell(p_keys text[], p_debts bigint[], p_epoch bigint) returns void language sql as $$
  insert into limit_arrivals as held (key, arrival_us)
  select key, extract(epoch from clock_timestamp())::numeric * 1000000 + debt
  from unnest(p_keys, p_debts) told (key, debt)
  where exists (select from limit_epoch where born_us = p_epoch)
  order by key collate "C"
  on conflict (key) do update set arrival_us = greatest(held.arrival_us, excluded.arrival_us)
$$;
