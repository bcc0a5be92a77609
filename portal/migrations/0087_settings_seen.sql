-- The settings of the last start, so that the next one can say what was changed: a keyed hash of each, and the value itself
-- only where it is a switch, a number or one of a few words.
create table settings_seen (
  name    text primary key,
  mark    text not null,
  value   text,
  seen_at timestamptz not null
);
