-- By which key a process seals what it writes: an older key is destroyed only when no process uses it any more.
alter table telemetry_processes add column seal_key text;
