CREATE OR REPLACE FUNCTION manage(_tbl regclass) RETURNS void AS $$
BEGIN
  EXECUTE format('CREATE TRIGGER touched BEFORE UPDATE ON %s FOR EACH ROW EXECUTE PROCEDURE touch()', _tbl);
END;
$$ LANGUAGE plpgsql;
CREATE FUNCTION touch() RETURNS trigger AS $$ BEGIN RETURN NEW; END; $$ LANGUAGE plpgsql;
CREATE TABLE one (id int);
CREATE SCHEMA app;
CREATE TABLE app."Two" (id int);
SELECT manage('one');
SELECT manage('app."Two"');
CREATE FUNCTION add_stamp(tbl text, col text DEFAULT 'stamp', nullable boolean DEFAULT true) RETURNS void LANGUAGE plpgsql AS $f$
DECLARE suffix text := CASE WHEN nullable THEN '' ELSE ' NOT NULL' END;
BEGIN
  EXECUTE 'ALTER TABLE ' || tbl || ' ADD COLUMN ' || col || ' timestamptz' || suffix;
END $f$;
SELECT add_stamp('one'), add_stamp('app."Two"', 'seen', false);
DO $$ BEGIN PERFORM add_stamp('one', 'third'); END $$;
SELECT add_stamp(t, 'fourth') FROM unnest(ARRAY['one', 'app."Two"']) AS t;
CREATE PROCEDURE make(int) LANGUAGE plpgsql AS $$ BEGIN EXECUTE format('CREATE TABLE made_%s (id int)', $1); END $$;
CALL make(7);
CREATE FUNCTION sql_made() RETURNS void LANGUAGE sql AS $$ CREATE TABLE by_sql (id int); $$;
SELECT sql_made();
CREATE FUNCTION only_data(a int) RETURNS int LANGUAGE plpgsql AS $$
DECLARE n int;
BEGIN
  IF EXISTS (SELECT 1 FROM one WHERE id = a) THEN RAISE EXCEPTION 'no'; END IF;
  CREATE TEMP TABLE scratch ON COMMIT DROP AS SELECT * FROM one;
  CREATE INDEX scratch_id ON scratch (id);
  SELECT count(*) INTO n FROM scratch;
  DROP TABLE scratch;
  RETURN n;
END $$;
SELECT only_data(3);
DROP FUNCTION add_stamp(text, text, boolean);
CREATE FUNCTION doomed(a integer, OUT b text) LANGUAGE sql AS $$ SELECT a::text $$;
DROP FUNCTION doomed(int);
ALTER FUNCTION sql_made() RENAME TO sql_renamed;
CREATE AGGREGATE biggest (int) (SFUNC = int4larger, STYPE = int);
COMMENT ON FUNCTION touch() IS 'touches';
DROP TRIGGER touched ON app."Two";
DROP PROCEDURE make;
CREATE FUNCTION gone() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER goes AFTER INSERT OR UPDATE OF id ON one FOR EACH STATEMENT EXECUTE FUNCTION gone();
DROP FUNCTION gone CASCADE;
