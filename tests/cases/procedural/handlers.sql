DO $$ BEGIN
  CREATE TYPE mood AS ENUM ('sad', 'ok');
EXCEPTION
  WHEN duplicate_object THEN null;
END $$;
DO $$ BEGIN
  CREATE TYPE mood AS ENUM ('other');
EXCEPTION WHEN duplicate_object THEN
  RAISE NOTICE 'there already';
END $$;
CREATE TABLE t (id int, m mood);
DO $$ BEGIN
  BEGIN
    ALTER TABLE t ADD COLUMN first int;
    ALTER TABLE t ADD COLUMN id int;
  EXCEPTION WHEN duplicate_column OR undefined_table THEN
    ALTER TABLE t ADD COLUMN second int;
  END;
  ALTER TABLE t ADD CONSTRAINT positive CHECK (id > 0);
END $$;
DO $$ BEGIN
  ALTER TABLE t ADD CONSTRAINT positive CHECK (id > 1);
EXCEPTION WHEN OTHERS THEN NULL;
END $$;
DO $$ BEGIN
  DROP TABLE nowhere;
EXCEPTION WHEN undefined_table THEN
  CREATE TABLE made_instead (id serial);
END $$;
DO 'BEGIN CREATE TABLE quoted (a text DEFAULT ''x''); END';
