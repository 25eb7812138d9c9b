CREATE TABLE parent (id int PRIMARY KEY, code text UNIQUE, updated_at timestamptz);
CREATE TABLE child (id int PRIMARY KEY, parent_id int REFERENCES parent (id), status text CHECK (status IN ('a', 'b')), updated_at timestamptz);
CREATE FUNCTION stamp() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.updated_at = now(); RETURN NEW; END $$;
DO $$
DECLARE
  c text;
  t text;
  fk_name varchar;
  con record;
BEGIN
  SELECT tc.constraint_name INTO fk_name
    FROM information_schema.table_constraints AS tc
    JOIN information_schema.key_column_usage AS kcu
      ON tc.constraint_name = kcu.constraint_name AND tc.table_schema = kcu.table_schema
   WHERE tc.constraint_type = 'FOREIGN KEY' AND tc.table_name = 'child' AND kcu.column_name = 'parent_id'
   LIMIT 1;
  IF fk_name IS NOT NULL THEN
    EXECUTE 'ALTER TABLE child DROP CONSTRAINT ' || fk_name;
  END IF;
  FOR con IN
    SELECT c2.conname
      FROM pg_catalog.pg_constraint c2
           INNER JOIN pg_catalog.pg_class rel ON rel.oid = c2.conrelid
           INNER JOIN pg_catalog.pg_namespace nsp ON nsp.oid = c2.connamespace
     WHERE nsp.nspname = current_schema() AND rel.relname = 'child' AND c2.contype = 'c'
       AND pg_get_constraintdef(c2.oid) LIKE '%status%'
  LOOP
    EXECUTE format('ALTER TABLE child DROP CONSTRAINT IF EXISTS %I', con.conname);
  END LOOP;
  SELECT conname INTO c FROM pg_constraint
   WHERE conrelid = 'public.parent'::regclass AND contype = 'u'
     AND conkey = (SELECT array_agg(attnum) FROM pg_attribute WHERE attrelid = 'public.parent'::regclass AND attname = 'code');
  EXECUTE format('ALTER TABLE public.parent RENAME CONSTRAINT %I TO parent_code_unique', c);
  FOR t IN SELECT table_name FROM information_schema.columns WHERE column_name = 'updated_at' AND table_schema = 'public'
  LOOP
    EXECUTE format('CREATE TRIGGER stamp BEFORE UPDATE ON %I FOR EACH ROW EXECUTE FUNCTION stamp()', t);
  END LOOP;
  IF EXISTS (
    SELECT 1 FROM pg_attribute a JOIN pg_class k ON a.attrelid = k.oid
    WHERE k.relname = 'child' AND a.attname = 'status' AND NOT a.attisdropped AND a.attnum > 0
  ) THEN
    ALTER TABLE child ADD COLUMN seen boolean NOT NULL DEFAULT false;
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_trigger WHERE tgname = 'missing' AND tgrelid = 'child'::regclass)
     AND EXISTS (SELECT 1 FROM pg_proc WHERE proname = 'stamp') THEN
    CREATE INDEX child_seen ON child (seen) WHERE seen;
  END IF;
  IF EXISTS (SELECT 1 FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relname = 'child_seen' AND NOT i.indisunique) THEN
    COMMENT ON COLUMN child.seen IS 'by a person';
  END IF;
  IF current_setting('server_version_num')::int >= 110000 THEN
    CREATE TABLE new_enough (id int);
  END IF;
  IF NOT (SELECT EXISTS (SELECT 1 FROM information_schema.tables WHERE table_schema = 'public' AND table_name = 'absent')) THEN
    CREATE TABLE absent (id int);
  END IF;
  EXECUTE 'ALTER DATABASE ' || quote_ident(current_database()) || ' SET timezone TO ''UTC''';
  EXECUTE format('GRANT CONNECT ON DATABASE %I TO CURRENT_USER', current_database());
END
$$;
DO LANGUAGE plpgsql $$
<<outer>>
DECLARE
  names CONSTANT text[] := ARRAY['x', 'y'];
  i int := 0;
BEGIN
  FOR i IN array_lower(names, 1)..array_upper(names, 1) LOOP
    EXECUTE 'CREATE TABLE list_' || names[i] || ' (id int)';
  END LOOP;
  FOR i IN REVERSE 2..1 LOOP
    EXECUTE format('ALTER TABLE list_%1$s ADD COLUMN %2$I int, ADD COLUMN note_%1$s text', names[i], 'c' || i);
  END LOOP;
  BEGIN
    EXECUTE 'CREATE TABLE list_x (id int)';
  EXCEPTION
    WHEN duplicate_table THEN
      RAISE NOTICE 'there: %', SQLERRM;
    WHEN others THEN
      RAISE;
  END;
END outer $$;
