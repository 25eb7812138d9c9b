CREATE SCHEMA app;
CREATE TABLE a (id int, old text, CONSTRAINT a_odd CHECK (id > 0));
CREATE TABLE b (id int, old text);
DO $$
DECLARE
  t text;
  r record;
  name text := 'third';
  found_name text;
  n integer;
BEGIN
  EXECUTE 'CREATE TABLE app.first (id int)';
  EXECUTE format('CREATE TABLE %I.%I (id int DEFAULT %s, note text DEFAULT %L)', 'app', 'Second', 5, 'it''s');
  EXECUTE 'ALTER TABLE a ADD COLUMN ' || quote_ident(name) || ' int';
  FOREACH t IN ARRAY ARRAY['a', 'b'] LOOP
    EXECUTE format('ALTER TABLE %I ADD COLUMN created timestamptz NOT NULL DEFAULT now()', t);
    EXECUTE 'CREATE INDEX ' || t || '_created ON ' || t || ' (created)';
  END LOOP;
  FOR r IN SELECT tablename FROM pg_tables WHERE schemaname = 'public' AND tablename IN ('a', 'b') ORDER BY 1 LOOP
    EXECUTE format('ALTER TABLE %I DROP COLUMN old', r.tablename);
  END LOOP;
  SELECT conname INTO found_name FROM pg_constraint WHERE conrelid = 'a'::regclass AND contype = 'c';
  IF found_name IS NOT NULL THEN
    EXECUTE format('ALTER TABLE a DROP CONSTRAINT %I', found_name);
  END IF;
  FOR i IN 1..3 LOOP
    EXECUTE format('CREATE TABLE part_%s (id int)', i);
    CONTINUE WHEN i = 2;
    EXECUTE 'COMMENT ON TABLE part_' || i || ' IS ''odd''';
  END LOOP;
  PERFORM 1 FROM pg_tables WHERE tablename = 'nothing_like_it';
  IF NOT FOUND THEN
    CREATE TABLE not_found (id int);
  END IF;
  n := 2;
  IF n > 1 THEN
    CREATE TABLE bigger (id int);
  END IF;
  CASE n WHEN 1 THEN CREATE TABLE one (id int); WHEN 2 THEN CREATE TABLE two (id int); ELSE NULL; END CASE;
END $$;
