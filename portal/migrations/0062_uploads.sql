-- The life of an upload as a machine that only goes forward, with a line in its timeline for every step, what the
-- browser and the service each computed of its bytes, and who sends it now.

alter table uploads drop constraint uploads_status_check;
alter table uploads
  alter status set default 'created',
  add column failure_reason    text check (failure_reason in (
    'empty', 'unreadable', 'cut_short', 'no_picture', 'too_long', 'too_large', 'checksum',
    'provider_refused', 'provider_failed', 'lost', 'not_prepared')),
  add column received_bytes    bigint not null default 0 check (received_bytes >= 0), -- as last heard; the service knows better
  add column heard_at          timestamptz,               -- the last word of whoever sends
  add column writer            text,                      -- which tab or device sends: the last that asked for the URL
  add column head_sha256       bytea,                     -- of the first MiB: recognises the file on another device
  add column sent_sha256       bytea,                     -- as computed where it was sent
  add column received_sha256   bytea,                     -- as computed by the service
  add column checksum          text not null default 'pending'
                               check (checksum in ('pending', 'matched', 'differs', 'not_sent', 'not_offered')),
  -- Who moves it: written with each change of status, put into the timeline by the trigger, empty at rest.
  add column moved_by          text,
  add column moved_by_id       text;

update uploads set status = case
  when status = 'waiting' then 'created'
  when status = 'failed' and error like 'The file did not arrive completely%' then 'timed_out'
  else status end
where status in ('waiting', 'failed');
update uploads set failure_reason = 'provider_failed' where status = 'failed';
update uploads set checksum = 'not_sent' where status not in ('created', 'processing');

alter table uploads
  add constraint uploads_status_check
    check (status in ('created', 'uploading', 'processing', 'ready', 'failed', 'cancelled', 'timed_out')),
  add constraint uploads_failed_for_a_reason check ((status = 'failed') = (failure_reason is not null)),
  -- What differs from what was sent is never ready.
  add constraint uploads_whole check (not (status = 'ready' and checksum = 'differs'));

drop index uploads_unsettled;
create index uploads_unsettled on uploads (checked_at) where status in ('created', 'uploading', 'processing');
create index uploads_of_organisation on uploads (organisation_id, created_at desc, id desc);

-- One line a state that an upload has reached. It reaches none twice.
create table upload_transitions (
  -- Deferred: the first line is written by the trigger just before its upload.
  upload_id   text not null references uploads (id) on delete cascade deferrable initially deferred,
  from_status text,
  to_status   text not null,
  at          timestamptz not null,
  moved_by    text not null
              check (moved_by in ('person', 'provider', 'reconciler', 'clock', 'portal', 'database')),
  moved_by_id text,                                        -- of a person: who; of the service: the type of its event
  reason      text,
  primary key (upload_id, to_status)
);

insert into upload_transitions (upload_id, from_status, to_status, at, moved_by, reason)
  select id, null, 'created', created_at, 'database', null from uploads
  union all
  select id, 'created', status, coalesce(completed_at, updated_at), 'database', failure_reason
  from uploads where status <> 'created';

create function upload_rank(status text) returns integer language sql immutable parallel safe as $$
  select case status when 'created' then 0 when 'uploading' then 1 when 'processing' then 2 else 3 end
$$;

create function upload_moves() returns trigger language plpgsql as $$
declare
  was text := case when tg_op = 'UPDATE' then old.status end;
begin
  if was is distinct from new.status then
    if was is not null
      and (upload_rank(new.status) <= upload_rank(was) or (was = 'processing' and new.status = 'timed_out')) then
      raise exception 'an upload only goes forward: from % to % refused', was, new.status
        using errcode = 'check_violation';
    end if;
    insert into upload_transitions (upload_id, from_status, to_status, at, moved_by, moved_by_id, reason)
      values (new.id, was, new.status, new.updated_at, coalesce(new.moved_by, 'database'), new.moved_by_id,
        new.failure_reason);
  end if;
  new.moved_by := null;
  new.moved_by_id := null;
  return new;
end $$;

create trigger moves before insert or update on uploads for each row execute function upload_moves();

-- The same for what people share: a file that is not the one that was sent never becomes a ready video.
create function videos_are_whole() returns trigger language plpgsql as $$
begin
  if exists (select 1 from uploads where video_id = new.id and checksum = 'differs') then
    raise exception 'video % is not the file that was sent', new.id using errcode = 'check_violation';
  end if;
  return new;
end $$;

create trigger whole before update of status on videos for each row
  when (new.status = 'ready' and old.status <> 'ready') execute function videos_are_whole();
