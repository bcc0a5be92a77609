-- Numbers and actions of the declared rules of abuse, as staff set them; without a row the declared ones hold.
create table abuse_policies (
  version integer primary key check (version > 0),
  rules   jsonb not null,
  reason  text not null,
  set_by  text not null,
  set_at  timestamptz not null
);

-- What was noticed lately, by rule: keyed hashes, never an address. Of a subject at most as many rows as its rule's threshold
-- wants, for once it is met nothing more is written. Unlogged: what a crash empties begins to be counted anew.
create unlogged table abuse_signals (
  rule    text collate "C" not null,
  subject text collate "C" not null,
  object  text collate "C" not null,
  source  text collate "C" not null,
  about   text collate "C" not null,
  at      timestamptz not null,
  primary key (rule, subject, object)
);
create index abuse_signals_settled on abuse_signals (source, about);
create index abuse_signals_age on abuse_signals (at);

-- Each time that a threshold was met, what was done about it, and until when.
create table abuse_detections (
  id              text primary key,
  rule            text not null,
  subject         text not null,
  policy_version  integer not null,
  threshold       integer not null,
  enforced        boolean not null,
  action          text not null check (action in ('none', 'slow', 'challenge', 'block')),
  detected_at     timestamptz not null,
  until           timestamptz not null check (until > detected_at),
  -- Requests that it refused, or would have refused where it was only watched.
  refused         bigint not null default 0,
  last_refused_at timestamptz,
  closed_at       timestamptz,
  let_go_by       text,
  let_go_reason   text,
  -- The rule leaves the subject alone until then.
  spared_until    timestamptz
);
-- One at a time for a subject: who detects what another node has detected already does nothing.
create unique index abuse_detections_open on abuse_detections (rule, subject) where closed_at is null;
create index abuse_detections_newest on abuse_detections (detected_at desc, id desc);
create index abuse_detections_until on abuse_detections (until);
create index abuse_detections_spared on abuse_detections (spared_until) where spared_until is not null;
