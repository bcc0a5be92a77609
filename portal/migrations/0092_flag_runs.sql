-- Each value with which a flag of operations has run here, and since when: what a staging installation states of itself.
create table flag_runs (
  flag  text not null,
  value text not null,
  since timestamptz not null,
  primary key (flag, value)
);
