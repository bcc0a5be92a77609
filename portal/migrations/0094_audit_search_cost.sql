-- Never called for the sake of a search, whatever PostgreSQL takes the number of hits for: the index has what it gives.
alter function audit_placed_words(bigint, tsvector) cost 100000;
