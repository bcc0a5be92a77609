-- What a player needs in bits a second to show keyframes alone at the speed of the film; null where none were measured.
alter table renditions
  add column iframe_bandwidth integer,
  add column iframe_average_bandwidth integer;
