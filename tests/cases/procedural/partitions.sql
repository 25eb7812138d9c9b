CREATE TABLE events (id bigint, at timestamptz NOT NULL) PARTITION BY RANGE (at);
CREATE FUNCTION make_partitions(start_date date, months int) RETURNS void AS $$
DECLARE
  from_date date;
  to_date date;
  name text;
BEGIN
  FOR i IN 0..months - 1 LOOP
    from_date := start_date + (i || ' months')::interval;
    to_date := from_date + interval '1 month';
    name := 'events_' || to_char(from_date, 'YYYY_MM');
    IF NOT EXISTS (SELECT 1 FROM pg_class WHERE relname = name) THEN
      EXECUTE format('CREATE TABLE %I PARTITION OF events FOR VALUES FROM (%L) TO (%L)', name, from_date, to_date);
    END IF;
  END LOOP;
END $$ LANGUAGE plpgsql;
SELECT make_partitions('2024-11-01', 4);
SELECT make_partitions(DATE '2025-02-01', 2);
DO $$
DECLARE
  d date := '2026-01-30';
  stamp timestamp;
BEGIN
  WHILE d <= '2026-02-02' LOOP
    EXECUTE 'CREATE TABLE day_' || to_char(d, 'YYYYMMDD') || ' (id int)';
    d := d + 1;
  END LOOP;
  stamp := date_trunc('month', d::timestamp) + interval '1 month - 1 day';
  EXECUTE format('CREATE TABLE last_%s (id int)', to_char(stamp, 'YYYY_MM_DD'));
  EXECUTE format('CREATE TABLE year_%s (id int)', extract(year FROM stamp)::int);
  FOR y IN 2020..2021 LOOP
    EXECUTE format('CREATE TABLE y%s PARTITION OF events FOR VALUES FROM (''%s-01-01'') TO (''%s-01-01'')', y, y, y + 1);
  END LOOP;
END $$;
