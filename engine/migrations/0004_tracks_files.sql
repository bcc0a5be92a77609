-- Work beside the ladder: tracks that are fetched, extracted or generated, static renditions, the master.
-- Failures that lie not in a file are counted, so that trying again has an end.

alter table tracks
  add column failures integer not null default 0,
  add column stream_index integer,                          -- of the source's stream that an embedded text is taken from
  add column generated_from text references tracks (id) on delete set null;  -- the audio track whose words it writes down
create index tracks_preparing on tracks (asset_id) where status = 'preparing';

alter table static_renditions
  add column failures integer not null default 0;
create index static_renditions_of_asset on static_renditions (asset_id, created_at);
create index static_renditions_preparing on static_renditions (asset_id) where status = 'preparing';

alter table assets
  add column master_url text,                               -- signed; while master_status = 'ready'
  add column master_failures integer not null default 0;
create index assets_with_master on assets (master_expires_at) where master_access = 'temporary';
