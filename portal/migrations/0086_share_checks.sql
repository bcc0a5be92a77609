-- The nightly look at shares reads what the comparison with the video service found; it asks of no video itself.
alter table share_checks drop column last_video;
