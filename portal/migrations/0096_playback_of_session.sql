-- An own playback names the session that it is watched by, so that the end of others leaves it: one claim a session. Empty for
-- an API key's, which has no session, and for those of before. No reference: a playback is found, and stopped, after its
-- session has gone.
alter table owner_playbacks add column session_id text not null default '';
alter table owner_playbacks drop constraint owner_playbacks_pkey;
alter table owner_playbacks add primary key (user_id, video_id, session_id);
