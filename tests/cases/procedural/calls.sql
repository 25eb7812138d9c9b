-- Routines called with names, through other routines, in SQL and for their results.
CREATE TABLE log (id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE PROCEDURE several(prefix text, many int DEFAULT 2) LANGUAGE plpgsql AS $$
BEGIN
  FOR i IN 1..many LOOP EXECUTE format('CREATE TABLE %I (a int)', prefix || i); END LOOP;
END $$;
CALL several('x');
CALL several(many => 1, prefix => 'y');
CREATE FUNCTION part_name(base text, d date) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT base || to_char(d, '_YYYYMM'); $$;
CREATE FUNCTION month_after(d date) RETURNS date LANGUAGE plpgsql AS $$ BEGIN RETURN (d + interval '1 month')::date; END $$;
CREATE FUNCTION month(d date) RETURNS void LANGUAGE plpgsql AS $$
DECLARE name text := part_name('log', d);
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_class WHERE relname = name) THEN
    EXECUTE 'CREATE TABLE ' || name || ' PARTITION OF log FOR VALUES FROM (' || quote_literal(d) || ') TO ('
      || quote_literal(month_after(d)) || ')';
  END IF;
END $$;
SELECT month('2023-01-01');
SELECT month('2023-01-01');
SELECT month(d => '2023-02-01'::date);
SELECT month(d::date) FROM generate_series('2023-03-01'::date, '2023-05-01'::date, '1 month') d;
DO $$
DECLARE d date;
BEGIN
  FOR d IN SELECT generate_series('2024-01-01'::date, '2024-02-01'::date, interval '1 month')::date LOOP
    PERFORM month(d);
  END LOOP;
END $$;
CREATE TABLE watched (id int);
CREATE FUNCTION noticed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE FUNCTION watch(target regclass, each_row boolean, columns text[]) RETURNS void LANGUAGE plpgsql AS $$
DECLARE extra text = '';
BEGIN
  EXECUTE 'DROP TRIGGER IF EXISTS watching ON ' || target::text;
  IF each_row THEN
    IF array_length(columns, 1) > 0 THEN extra = ', ' || quote_literal(columns); END IF;
    EXECUTE 'CREATE TRIGGER watching AFTER UPDATE ON ' || target::text || ' FOR EACH ROW EXECUTE PROCEDURE noticed('
      || quote_literal(each_row) || extra || ');';
  END IF;
END $$;
CREATE FUNCTION watch(target regclass) RETURNS void LANGUAGE sql AS $$ SELECT watch($1, BOOLEAN 't', ARRAY[]::text[]); $$;
SELECT watch('watched');
CREATE FUNCTION listing() RETURNS SETOF int LANGUAGE plpgsql AS $$
BEGIN
  RETURN NEXT 1;
  RETURN QUERY SELECT 2;
  CREATE TABLE listed (a int);
  RETURN;
  CREATE TABLE never (a int);
END $$;
SELECT * FROM listing();
DO $$
DECLARE made text;
BEGIN
  FOR made IN EXECUTE 'SELECT relname FROM pg_class WHERE relname LIKE ''x_'' ORDER BY 1' LOOP
    EXECUTE format('ALTER TABLE %I ADD b int', made);
  END LOOP;
END $$;
