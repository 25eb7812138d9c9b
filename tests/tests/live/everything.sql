CREATE SCHEMA app;
COMMENT ON SCHEMA app IS 'the application''s own';
CREATE EXTENSION pg_trgm;
CREATE EXTENSION citext;
CREATE EXTENSION btree_gist;
COMMENT ON EXTENSION citext IS 'ours';
CREATE TYPE mood AS ENUM ('sad', 'ok', 'it''s');
COMMENT ON TYPE mood IS 'how one is';
CREATE TYPE app."Status Kind" AS ENUM ('a', 'b');
CREATE DOMAIN positive AS integer DEFAULT 1 NOT NULL CONSTRAINT above CHECK (VALUE > 0) CHECK (VALUE < 1000);
CREATE DOMAIN app.label AS varchar(20) COLLATE "C";
CREATE TYPE address AS (street text COLLATE "C", number integer, tags text[]);
CREATE TYPE span AS RANGE (subtype = float8, subtype_diff = float8mi);
CREATE SEQUENCE counter AS smallint INCREMENT BY 5 MINVALUE 0 MAXVALUE 100 START 10 CACHE 3 CYCLE;
CREATE SEQUENCE app.plain;
CREATE TABLE people (
    id bigint GENERATED ALWAYS AS IDENTITY (START WITH 100 INCREMENT BY 2) PRIMARY KEY,
    serial_no serial,
    name varchar(50) NOT NULL COLLATE "C",
    email citext UNIQUE,
    mood mood DEFAULT 'ok',
    moods mood[],
    kind app."Status Kind" NOT NULL DEFAULT 'a',
    age positive,
    home address,
    during span,
    period tstzrange,
    "Camel Case" text DEFAULT 'x''y',
    full_name text GENERATED ALWAYS AS (name || ' ' || coalesce(email, '')) STORED,
    price numeric(10,2) DEFAULT (1 + 2),
    created timestamptz(3) NOT NULL DEFAULT now(),
    CONSTRAINT price_up CHECK (price >= 0 AND price < 1000) NO INHERIT,
    CONSTRAINT no_overlap EXCLUDE USING gist (mood WITH =, period WITH &&) WHERE (age > 3) DEFERRABLE INITIALLY DEFERRED,
    UNIQUE (name, age) INCLUDE (email) WITH (fillfactor = 70)
) WITH (fillfactor = 80, autovacuum_enabled = false, toast.autovacuum_enabled = false);
COMMENT ON TABLE people IS 'who';
COMMENT ON COLUMN people.name IS 'what one is called';
COMMENT ON CONSTRAINT price_up ON people IS 'not free';
ALTER TABLE people ADD CONSTRAINT late CHECK (age < 200) NOT VALID;
CREATE INDEX people_name_trgm ON people USING gin (name gin_trgm_ops) WITH (fastupdate = off);
CREATE INDEX people_trgm2 ON people USING gist (name gist_trgm_ops (siglen = 32));
CREATE UNIQUE INDEX people_lower ON people (lower(name) DESC NULLS LAST, (age + 1), "Camel Case" COLLATE "POSIX" varchar_pattern_ops) INCLUDE (email) WHERE age > 5 AND mood = 'ok';
CREATE INDEX people_expr_coll ON people ((name || 'x') COLLATE "POSIX");
COMMENT ON INDEX people_lower IS 'fast';
CREATE TABLE app.orders (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    person bigint REFERENCES people ON DELETE SET NULL ON UPDATE CASCADE DEFERRABLE,
    a int, b int,
    UNIQUE (a, b)
);
CREATE TABLE app.items (
    a int, b int, c int,
    FOREIGN KEY (a, b) REFERENCES app.orders (a, b) MATCH FULL ON DELETE RESTRICT
);
ALTER TABLE app.orders ENABLE ROW LEVEL SECURITY;
ALTER TABLE app.orders FORCE ROW LEVEL SECURITY;
CREATE POLICY own ON app.orders AS RESTRICTIVE FOR UPDATE TO postgres, pg_monitor USING (a > 0) WITH CHECK (b > 0 AND a > 1);
CREATE POLICY everyone ON app.orders USING (true);
COMMENT ON POLICY own ON app.orders IS 'p';
ALTER TABLE app.items REPLICA IDENTITY FULL;
CREATE TABLE events (id bigint NOT NULL, at date NOT NULL, body jsonb, note text DEFAULT 'n', person bigint REFERENCES people, CHECK (id > 0), PRIMARY KEY (id, at)) PARTITION BY RANGE (at);
ALTER TABLE events DROP CONSTRAINT IF EXISTS nothing;
CREATE INDEX events_body ON events USING gin (body);
CREATE TABLE events_2024 PARTITION OF events FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
CREATE TABLE events_rest PARTITION OF events (note DEFAULT 'other', CONSTRAINT extra CHECK (note <> '')) DEFAULT;
CREATE TABLE events_old (id bigint NOT NULL, at date NOT NULL, body jsonb, note text, person bigint, CONSTRAINT events_id_check CHECK (id > 0));
ALTER TABLE events ATTACH PARTITION events_old FOR VALUES FROM (MINVALUE) TO ('2020-01-01');
CREATE INDEX events_only ON ONLY events (note);
CREATE TABLE logs (id int) PARTITION BY LIST (id);
CREATE TABLE logs_sub PARTITION OF logs FOR VALUES IN (1, 2) PARTITION BY HASH (id);
CREATE TABLE logs_sub_0 PARTITION OF logs_sub FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE refers (e bigint, d date, FOREIGN KEY (e, d) REFERENCES events);
CREATE TABLE base (a int NOT NULL, b text, CHECK (a > 0));
CREATE TABLE derived (c int, b text DEFAULT 'own') INHERITS (base);
CREATE UNLOGGED TABLE scratch (a int, u serial);
CREATE TEMP TABLE gone (a int);
CREATE VIEW adults (nick, years) WITH (security_barrier) AS SELECT name, age FROM people WHERE age > 18 WITH LOCAL CHECK OPTION;
COMMENT ON VIEW adults IS 'grown';

CREATE MATERIALIZED VIEW app.totals AS SELECT person, count(*) AS n FROM app.orders GROUP BY person WITH NO DATA;
CREATE UNIQUE INDEX totals_person ON app.totals (person);
CREATE FUNCTION add(a int, b int DEFAULT 2, OUT c int) LANGUAGE sql IMMUTABLE AS $$ SELECT a + b $$;
CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE FUNCTION moods_of(VARIADIC mood[]) RETURNS SETOF people LANGUAGE sql STABLE BEGIN ATOMIC SELECT * FROM people; END;
CREATE PROCEDURE work(x varchar(10), INOUT y timestamptz) LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE AGGREGATE total(int) (SFUNC = int4pl, STYPE = int, INITCOND = '0', PARALLEL = SAFE);
COMMENT ON FUNCTION add IS 'sum';
CREATE TRIGGER touch BEFORE INSERT OR UPDATE OF name ON people FOR EACH ROW WHEN (NEW.age > 3) EXECUTE FUNCTION app.touch('a', 'b');
ALTER TABLE people DISABLE TRIGGER touch;
CREATE CONSTRAINT TRIGGER later AFTER INSERT ON app.orders DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION app.touch();
CREATE TRIGGER parts AFTER INSERT ON events FOR EACH ROW EXECUTE FUNCTION app.touch();
COMMENT ON TRIGGER touch ON people IS 'stamp';
CREATE RULE no_insert AS ON INSERT TO app.items DO INSTEAD NOTHING;
CREATE STATISTICS people_stats (ndistinct) ON name, age FROM people;
CREATE FUNCTION ev() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN END $$;
CREATE EVENT TRIGGER on_ddl ON ddl_command_end WHEN TAG IN ('DROP TABLE') EXECUTE FUNCTION ev();
ALTER EVENT TRIGGER on_ddl DISABLE;
CREATE COLLATION german (provider = icu, locale = 'de-u-co-phonebk', deterministic = false);
CREATE OPERATOR === (LEFTARG = int, RIGHTARG = int, FUNCTION = int4eq, COMMUTATOR = ===);
CREATE CAST (mood AS integer) WITH INOUT AS ASSIGNMENT;
CREATE PUBLICATION pub FOR TABLE people;
CREATE TABLE "sixty_three_bytes_are_the_longest_name_that_a_server_keeps_whole1" ("Ünï" int PRIMARY KEY, "select" serial);
