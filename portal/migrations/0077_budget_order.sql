-- Two levels may be set in one millisecond; which one was later must not hang on chance.
alter table budget_levels add column place bigint generated always as identity;
