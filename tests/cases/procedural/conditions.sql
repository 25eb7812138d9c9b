CREATE TABLE users (id int PRIMARY KEY, name text);
DO $$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM information_schema.columns WHERE table_name = 'users' AND column_name = 'email') THEN
    ALTER TABLE users ADD COLUMN email text;
  END IF;
  IF EXISTS (SELECT FROM information_schema.columns WHERE table_schema = 'public' AND table_name='users' AND column_name='name') THEN
    ALTER TABLE users RENAME COLUMN name TO full_name;
  ELSE
    ALTER TABLE users ADD COLUMN full_name text;
  END IF;
END $$;
DO $do$
BEGIN
  IF NOT EXISTS (SELECT 1 FROM pg_type WHERE typname = 'status') THEN
    CREATE TYPE status AS ENUM ('a', 'b');
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typname = 'status' AND n.nspname = 'public') THEN
    CREATE TYPE status AS ENUM ('never');
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_enum e JOIN pg_type t ON e.enumtypid = t.oid WHERE t.typname = 'status' AND e.enumlabel = 'c') THEN
    CREATE TYPE level AS ENUM ('low', 'high');
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'users_email_key' AND conrelid = 'users'::regclass) THEN
    ALTER TABLE users ADD CONSTRAINT users_email_key UNIQUE (email);
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conname = 'users_email_key') THEN
    ALTER TABLE users ADD COLUMN never int;
  END IF;
  IF to_regclass('public.missing') IS NULL AND to_regclass('users') IS NOT NULL THEN
    CREATE INDEX users_full_name ON users (full_name);
  END IF;
  IF (SELECT count(*) FROM pg_indexes WHERE tablename = 'users' AND indexname = 'users_full_name') = 1 THEN
    ALTER TABLE users ALTER COLUMN email SET NOT NULL;
  END IF;
  IF (SELECT data_type FROM information_schema.columns WHERE table_name = 'users' AND column_name = 'id') = 'integer' THEN
    ALTER TABLE users ALTER COLUMN id TYPE bigint;
  END IF;
  IF (SELECT is_nullable FROM information_schema.columns WHERE table_name = 'users' AND column_name = 'email') = 'YES' THEN
    ALTER TABLE users ADD COLUMN never int;
  ELSIF EXISTS (SELECT 1 FROM pg_class c WHERE c.relname = 'users' AND c.relkind = 'r') THEN
    COMMENT ON TABLE users IS 'seen';
  END IF;
  IF NOT EXISTS (SELECT 1 FROM pg_roles WHERE rolname = 'nobody_of_this_name') THEN
    RAISE NOTICE 'no role';
  END IF;
  INSERT INTO users (id, full_name, email) VALUES (1, 'a', 'b');
  UPDATE users SET full_name = 'c';
END
$do$ LANGUAGE plpgsql;
