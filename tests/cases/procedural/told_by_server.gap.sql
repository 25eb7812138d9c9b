-- How many rows a statement changed is not known.
CREATE TABLE t (a int);
DO $$
DECLARE n int := 0;
BEGIN
  UPDATE t SET a = 1;
  GET DIAGNOSTICS n = ROW_COUNT;
  IF n = 0 THEN CREATE TABLE nothing_done (a int); END IF;
END $$;
