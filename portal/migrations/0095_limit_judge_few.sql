-- limit_judge for one check, the usual case: half of what limit_judge_one cost (which stays for processes of the version
-- before). Keys once each, sorted; p_numbers: believed epoch, span of the clock, grace, then room, floor and cost a key. One
-- statement a key: it is charged as it is met, and paid back in the rare case that another one has no room. The time is read
-- ahead of the locks: who waited for one is judged as of when they came, which owes more and never less.
-- Answers the time, 1 where it is admitted, and each key's debt; null, and nothing counted, where limit_judge must decide.
create function limit_judge_few(p_keys text[], p_numbers bigint[]) returns bigint[] language plpgsql as $$
declare
  keys int := cardinality(p_keys);
  at_us bigint := extract(epoch from clock_timestamp()) * 1000000;
  born bigint := (select born_us from limit_epoch);
  debts bigint[];
  debt bigint;
  fits boolean := true;
begin
  if born is distinct from p_numbers[1] or at_us not between p_numbers[2] and p_numbers[3] or at_us - born < p_numbers[4] then
    return null;
  end if;
  for n in 1..keys loop
    insert into limit_arrivals as held (key, arrival_us) values (p_keys[n], at_us + p_numbers[3 * n + 3] + p_numbers[3 * n + 4])
    on conflict (key) do update set
      arrival_us = at_us + greatest(0, held.arrival_us - at_us, p_numbers[3 * n + 3]) + p_numbers[3 * n + 4]
      where held.arrival_us - at_us <= p_numbers[3 * n + 2]
    returning arrival_us - at_us into debt;
    -- More than the room is owed: by whom others were admitted while this waited, or because the clock was put back.
    exit when debt is null;
    debts[n] := debt;
    fits := fits and debt <= p_numbers[3 * n + 2];
  end loop;
  if fits and debt is not null then
    return at_us || (1::bigint || debts);
  end if;
  for n in 1..coalesce(cardinality(debts), 0) loop
    debts[n] := debts[n] - p_numbers[3 * n + 4];
    update limit_arrivals set arrival_us = at_us + debts[n] where key = p_keys[n];
  end loop;
  return case when debt is not null then at_us || (0::bigint || debts) end;
end
$$;

-- limit_take as it was, but for how it locks.
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
  -- Strictly in the order of the keys, also where some are new: two checks never wait for each other.
  insert into limit_arrivals as held (key, arrival_us)
  select key, 0 from unnest(p_keys) key order by key collate "C"
  on conflict (key) do update set arrival_us = held.arrival_us where false;
  select array_agg(held.arrival_us order by held.key) into arrivals from limit_arrivals held where held.key = any (p_keys);
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
