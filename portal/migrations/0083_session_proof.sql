-- When whoever uses the session last showed that it is they; null: at its beginning.
alter table sessions add column proved_at timestamptz;
