-- What people wrote about a deleted video goes out of the news of it too, which are kept for 30 days.
create index webhook_events_object on webhook_events (object_id);
