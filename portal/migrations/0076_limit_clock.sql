-- A clock that was put back locked a key out until it had caught up, as a refused use did not write what it found.
-- Judges checks one after the other, all of a check's uses or none. p_keys: each key once, sorted; p_floors: what the
-- caller knows each to owe at least; p_sizes: uses of each check; then one entry a use: place of its key, cost, room.
create or replace function limit_take(
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
      -- More than the room can only be owed where the clock was put back: forgotten for good, also where it is refused.
      debt := least(p_rooms[u], greatest(0, arrivals[p_places[u]] - at_us));
      arrivals[p_places[u]] := at_us + debt;
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
