-- What a viewer may know and object to, and the chapters of a video.

alter table viewer_sessions
  -- The viewer wants no record of how they watch; what security needs stays.
  add column objected_at timestamptz,
  -- The browser that a session belonged to, once the cookie's hash has passed to its next session of the same share.
  add column past_cookie_hash bytea check (length(past_cookie_hash) = 32);
create index viewer_sessions_past on viewer_sessions (past_cookie_hash, share_id) where past_cookie_hash is not null;
-- For the nightly forgetting of who visited links that ended long ago.
create index viewer_sessions_named on viewer_sessions (expires_at)
  where email_sealed is not null or user_id is not null or past_cookie_hash is not null;

-- [{"at": 0, "title": "Opening"}, …] in order of time.
alter table videos
  add column chapters jsonb not null default '[]' check (jsonb_typeof(chapters) = 'array');
