#!/bin/sh
# Installs what the tests run beside Rust: a PostgreSQL server and its clients, the sqlite3 shell, and the shells that the
# generated scripts are checked with, make. Does nothing where all of it is there.
set -eu

has() { command -v "$1" >/dev/null 2>&1; }

has_server() {
    for bin in "$(dirname "$(command -v initdb 2>/dev/null || echo /nowhere/initdb)")" \
        /usr/lib/postgresql/*/bin /usr/pgsql-*/bin "$(pg_config --bindir 2>/dev/null || echo /nowhere)"; do
        if [ -x "$bin/initdb" ] && [ -x "$bin/pg_ctl" ] && [ -x "$bin/postgres" ]; then return 0; fi
    done
    return 1
}

missing=""
if [ -z "${SCHEMA_TEST_POSTGRES_URL:-}" ] && [ "${SCHEMA_TEST_POSTGRES:-}" != skip ]; then
    has_server || missing="$missing postgresql"
    has psql || missing="$missing postgresql-client"
fi
has sqlite3 || missing="$missing sqlite3"
for tool in dash busybox shellcheck make; do
    has "$tool" || missing="$missing $tool"
done
# rusqlite builds SQLite from source.
has cc || missing="$missing gcc libc6-dev"
if [ -z "$missing" ]; then exit 0; fi

root=""
if [ "$(id -u)" -ne 0 ] && has sudo; then root="sudo -n"; fi
echo "installing:$missing" >&2
# The word list is split on purpose.
# shellcheck disable=SC2086
if has apt-get; then
    export DEBIAN_FRONTEND=noninteractive
    $root apt-get update -q >&2 </dev/null
    $root apt-get install -q -y --no-install-recommends $missing >&2 </dev/null
elif has brew; then
    brew install postgresql@17 sqlite dash shellcheck >&2 </dev/null
else
    echo "install these with your package manager:$missing" >&2
    exit 1
fi
