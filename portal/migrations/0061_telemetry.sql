-- Telemetry: what was counted, by minute, by hour and in all; which processes beat; exports; alerts told to channels.

create table metric_totals (
  metric     text not null,
  series     text not null,
  labels     jsonb not null,
  count      bigint not null default 0,
  sum        double precision not null default 0,
  buckets    bigint[],
  updated_at timestamptz not null,
  primary key (metric, series)
);

-- `step` is the seconds that a point stands for. Minutes are rolled up to hours; both end by a job.
create table metric_points (
  step    smallint not null check (step in (60, 3600)),
  metric  text not null,
  at      timestamptz not null,
  series  text not null,
  count   bigint not null default 0,
  sum     double precision not null default 0,
  buckets bigint[],
  primary key (step, metric, at, series)
);
create index metric_points_by_time on metric_points (step, at);

create function add_buckets(a bigint[], b bigint[]) returns bigint[]
language sql immutable parallel safe as $$
  select case
    when a is null then b
    when b is null then a
    else (select array_agg(coalesce(x, 0) + coalesce(y, 0) order by n)
          from unnest(a, b) with ordinality as u (x, y, n))
  end
$$;

create aggregate sum_buckets(bigint[]) (sfunc = add_buckets, stype = bigint[]);

create table telemetry_processes (
  id         text primary key,
  roles      text[] not null,
  started_at timestamptz not null,
  beat_at    timestamptz not null,
  -- Said by a process that ends in order; one that was killed says nothing.
  stopped_at timestamptz
);

create table telemetry_exports (
  id         text primary key,
  made_at    timestamptz not null,
  made_by    text not null,
  from_at    timestamptz not null,
  until_at   timestamptz not null,
  rows       integer not null,
  bytes      bigint not null,
  sha256     text not null,
  expires_at timestamptz not null,
  deleted_at timestamptz
);
create index telemetry_exports_newest on telemetry_exports (made_at desc);

alter table alerts
  add column acknowledged_at timestamptz,
  add column acknowledged_by text,
  add column acknowledge_reason text,
  add column resolved_by text,
  add column resolve_reason text;

-- Once a cause, a channel, and what happened to it.
create table alert_deliveries (
  id            bigint generated always as identity primary key,
  alert_id      bigint not null references alerts on delete cascade,
  channel       text not null check (channel in ('pagerduty', 'slack', 'email')),
  event         text not null check (event in ('raised', 'acknowledged', 'resolved')),
  status        text not null default 'waiting' check (status in ('waiting', 'delivered', 'given_up', 'skipped')),
  attempts      integer not null default 0,
  last_error    text,
  created_at    timestamptz not null,
  last_tried_at timestamptz,
  settled_at    timestamptz,
  unique (alert_id, channel, event)
);
create index alert_deliveries_by_channel on alert_deliveries (channel, created_at desc);
create index alert_deliveries_waiting on alert_deliveries (created_at) where status = 'waiting';
