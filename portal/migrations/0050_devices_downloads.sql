-- Shares for one device only, and copies that viewers may take away.

alter table shares
  add column one_device boolean not null default false,
  -- SHA-256 thumbprint (RFC 7638) of the key of the device that began first; null until one has.
  add column device_key bytea check (length(device_key) = 32),
  add column device_bound_at timestamptz,
  -- Which rendition may be taken away; null: none.
  add column download text check (download in ('highest', '1080p', '720p', '480p', 'audio-only')),
  add constraint shares_device check ((device_key is null) = (device_bound_at is null) and (one_device or device_key is null)),
  -- Sound alone carries no watermark.
  add constraint shares_download check (download is distinct from 'audio-only' or not watermark);

-- Instant of the newest proof of the device that this session has used: an older or equal one is a replay.
alter table viewer_sessions add column proof_at timestamptz;

create table downloads (
  id text primary key,
  share_id text not null references shares (id) on delete cascade,
  viewer_session_id text not null references viewer_sessions (id) on delete cascade,
  rendition text not null,
  watermark boolean not null,
  status text not null check (status in ('preparing', 'ready', 'failed', 'removed')),
  -- 0 to 100, of the preparation.
  progress integer not null default 0 check (progress between 0 and 100),
  -- The name of the rendition's file at the video service, once it is known.
  file_name text,
  -- The copy with its watermark in the portal's storage; null where the rendition is passed on as it is.
  object_key text,
  bytes bigint,
  -- Of the newest link; emptied by its first use.
  ticket_hash bytea unique check (length(ticket_hash) = 32),
  ticket_expires_at timestamptz,
  taken integer not null default 0,
  created_at timestamptz not null,
  -- When the copy is deleted.
  expires_at timestamptz not null,
  removed_at timestamptz,
  check ((removed_at is null) = (status <> 'removed')),
  check ((ticket_hash is null) = (ticket_expires_at is null))
);
-- One copy at a time for each viewer.
create unique index downloads_live on downloads (viewer_session_id) where status in ('preparing', 'ready');
create index downloads_share on downloads (share_id);
create index downloads_expiry on downloads (expires_at) where removed_at is null;

-- However a share is revoked, one or ten thousand, by whichever statement: its copies are deleted at once.
create function remove_downloads_of_revoked() returns trigger language plpgsql as $$
begin
  if exists (select from downloads where share_id = new.id and removed_at is null) then
    perform graphile_worker.add_job('downloads.sweep', '{}'::json, max_attempts := 10, job_key := 'downloads.sweep:revoked');
  end if;
  return null;
end $$;
create trigger shares_revoked_downloads after update of revoked_at on shares
  for each row when (old.revoked_at is null and new.revoked_at is not null and new.download is not null)
  execute function remove_downloads_of_revoked();
