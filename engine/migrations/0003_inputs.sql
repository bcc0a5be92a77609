-- Assets made of a URL or of another asset.

alter table assets
  add column source_asset_id text;                          -- of a clip: the asset that it was cut from
