-- Keys for programs, people who left, invitations that were taken back, staff groups with their reviews, and
-- emergency access.

create table api_keys (
  id text primary key,
  owner_id text not null references members (user_id) on delete cascade,
  name text not null check (length(name) between 1 and 80),
  key_hash bytea not null unique check (length(key_hash) = 32),
  last_four text not null check (length(last_four) = 4),
  scopes text[] not null check (cardinality(scopes) between 1 and 50),
  created_by text not null,
  created_at timestamptz not null,
  expires_at timestamptz not null check (expires_at > created_at and expires_at <= created_at + interval '366 days'),
  -- A day is enough to find keys that nobody uses; more would be a log of somebody's work.
  last_used_on date,
  revoked_at timestamptz,
  revoked_by text,
  check ((revoked_at is null) = (revoked_by is null))
);
create index api_keys_owner on api_keys (owner_id, created_at desc);

alter table members add column deactivated_at timestamptz;

alter table invitations
  add column withdrawn_at timestamptz,
  add column sent_at timestamptz,
  add column sends integer not null default 1 check (sends > 0);

alter table members drop constraint members_check;
alter table members add constraint members_staff_groups check (
  staff_groups <@ array['security', 'compliance', 'finance', 'operations', 'support']
  and (role = 'admin' or staff_groups = '{}')
);
-- The administrator of the first start stands in for every group until there are others.
update members set staff_groups = staff_groups || '{support}'
 where staff_groups @> array['security', 'compliance', 'finance', 'operations'];

-- Each quarter somebody else looks at every grant of a staff group and keeps or ends it.
create table staff_reviews (
  id text primary key,
  quarter text not null unique check (quarter ~ '^\d{4}-Q[1-4]$'),
  opened_at timestamptz not null,
  due_at timestamptz not null,
  closed_at timestamptz
);
create table staff_review_items (
  review_id text not null references staff_reviews (id),
  user_id text not null references members (user_id) on delete cascade,
  staff_group text not null,
  decision text check (decision in ('keep', 'revoke')),
  evidence text check (length(evidence) between 1 and 500),
  decided_by text check (decided_by <> user_id),
  decided_at timestamptz,
  primary key (review_id, user_id, staff_group),
  check ((decision is null) = (decided_by is null) and (decision is null) = (decided_at is null))
);

-- Extra rights for hours: asked for by one person, given by a second, looked at afterwards by a third.
create table emergency_grants (
  id text primary key,
  user_id text not null references members (user_id),
  staff_group text,
  organisation_id text references organisations (id),
  reason text not null check (length(reason) between 10 and 500),
  minutes integer not null check (minutes between 5 and 240),
  requested_at timestamptz not null,
  decision text check (decision in ('approved', 'declined')),
  decided_by text check (decided_by <> user_id),
  decided_at timestamptz,
  ends_at timestamptz check (ends_at <= decided_at + interval '4 hours'),
  ended_by text,
  reviewed_by text check (reviewed_by <> user_id and reviewed_by <> decided_by),
  reviewed_at timestamptz,
  review_note text check (length(review_note) between 1 and 500),
  review_verdict text check (review_verdict in ('justified', 'not_justified')),
  check ((staff_group is null) <> (organisation_id is null)),
  check ((decision is null) = (decided_by is null)),
  check ((ends_at is null) = (decision is distinct from 'approved')),
  check ((reviewed_at is null) = (reviewed_by is null))
);
create index emergency_grants_user on emergency_grants (user_id, ends_at) where decision = 'approved';
create index emergency_grants_newest on emergency_grants (requested_at desc, id desc);

-- A session that another identity service began; ending ours ends theirs.
alter table sessions add column vendor_session text;
