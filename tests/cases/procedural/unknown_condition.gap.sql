CREATE TABLE settings (name text, value text);
DO $$
BEGIN
  IF (SELECT value FROM settings WHERE name = 'x') = 'on' THEN
    ALTER TABLE settings ADD COLUMN extra int;
  END IF;
END $$;
