-- Migration: notes
-- Version: 1.0.0
CREATE TABLE notes (id integer PRIMARY KEY, body text NOT NULL);
