-- limit_judge for one check, the usual case: each key by its own look into the index, no plans for sets. Parameters and states
-- as there; each key once, sorted; one cost, room and debt a key. Where epoch or clock are not as believed, limit_judge decides.
create function limit_judge_one(
  p_keys text[], p_floors bigint[], p_costs bigint[], p_rooms bigint[],
  p_epoch bigint, p_from bigint, p_to bigint, p_renew boolean, p_grace bigint,
  out state text, out epoch bigint, out at_us bigint, out admitted boolean[], out debts_us bigint[]
) language plpgsql as $$
declare
  keys int := cardinality(p_keys);
  held bigint;
  debt bigint;
  fits boolean := true;
begin
  for n in 1..keys loop
    for attempt in 1..10 loop
      select arrival_us into held from limit_arrivals where key = p_keys[n] for update;
      exit when held is not null;
      insert into limit_arrivals (key, arrival_us) values (p_keys[n], 0) on conflict do nothing;
    end loop;
    if held is null then
      raise exception 'limit rows could not be locked';
    end if;
    debts_us[n] := held;
  end loop;
  -- Both are read behind the locks: a key's times follow the order in which its uses are judged.
  at_us := extract(epoch from clock_timestamp()) * 1000000;
  select born_us into epoch from limit_epoch;
  if epoch is distinct from p_epoch or at_us - epoch < p_grace or at_us not between p_from and p_to then
    select j.state, j.epoch, j.at_us, j.admitted, j.debts_us into state, epoch, at_us, admitted, debts_us
    from limit_judge(
      p_keys, p_floors, array[keys], array(select generate_series(1, keys)), p_costs, p_rooms,
      p_epoch, p_from, p_to, p_renew, p_grace) j;
    return;
  end if;
  state := 'judged';
  for n in 1..keys loop
    -- More than the room can only be owed where the clock was put back: forgotten for good, also where it is refused.
    debt := least(p_rooms[n], greatest(0, debts_us[n] - at_us, p_floors[n]));
    debts_us[n] := debt;
    fits := fits and debt + p_costs[n] <= p_rooms[n];
  end loop;
  admitted := array[fits];
  for n in 1..keys loop
    if fits then
      debts_us[n] := debts_us[n] + p_costs[n];
    end if;
    update limit_arrivals set arrival_us = at_us + debts_us[n] where key = p_keys[n];
  end loop;
end
$$;
