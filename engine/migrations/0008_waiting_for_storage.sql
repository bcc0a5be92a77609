-- An asset whose processing waits because the place where bytes are kept is full or does not answer.
alter table assets
  add column waiting_since timestamptz,                     -- the first failure of this wait; null: it does not wait
  add column waiting_for text;                              -- a short word: ENOSPC | timeout | ECONNREFUSED | …
create index assets_waiting on assets (waiting_since) where waiting_since is not null;
