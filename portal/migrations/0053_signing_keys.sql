-- Rotation of signing keys. A retired key signs no more; it is deleted at the video service once `delete_after` has
-- passed, when the last token that it signed has ended. Its private half is emptied here with it.
alter table signing_keys
  add column retire_reason text check (retire_reason in ('scheduled', 'requested', 'compromised')),
  add column retired_by text,
  add column delete_after timestamptz,
  add column reviewed_at timestamptz,
  add column reviewed_by text;

-- One key signs: two rotations at once end with one new key.
create unique index signing_keys_signing on signing_keys (provider) where retired_at is null and deleted_at is null;
