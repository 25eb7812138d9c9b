-- Migration: pinned
-- Version: 1.1.0
-- Revises: 1.0.0
ALTER TABLE notes ADD COLUMN pinned integer;
