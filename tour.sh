#!/bin/sh
# The main job, whole, on SQLite: structs, migrations, the gate, upgrade and rollback. Needs a Rust toolchain and nothing
# else; works in a temporary folder and removes it.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT INT TERM

say() { printf '\n\033[1m== %s\033[0m\n' "$1"; }
run() { printf '$ %s\n' "$*"; "$@"; }

say "Building cargo-schema"
cargo build --quiet --manifest-path "$here/Cargo.toml" -p cargo-schema
target=$(cargo metadata --manifest-path "$here/Cargo.toml" --no-deps --format-version 1 |
    sed 's/.*"target_directory":"\([^"]*\)".*/\1/')
PATH="$target/debug:$PATH"
export PATH
unset DATABASE_URL || true

cd "$work"
mkdir src
cat > Cargo.toml <<EOF
[package]
name = "shop"
version = "0.1.0"
edition = "2024"

[workspace]

[package.metadata.schema]
dialects = ["sqlite"]

[dependencies]
schema-core = { path = "$here/schema-core" }

[build-dependencies]
schema-core = { path = "$here/schema-core", default-features = false, features = ["gate"] }
EOF
printf 'fn main() {\n    schema_core::gate::check();\n}\n' > build.rs
printf 'pub mod models;\n' > src/lib.rs
cat > src/models.rs <<'EOF'
use schema_core::Table;

#[derive(Table)]
pub struct User {
    #[column(primary_key)]
    pub id: i64,
    #[column(unique)]
    pub email: String,
}
EOF

say "The structs"
cat src/models.rs

say "The first migration, written from the structs without a database"
run cargo schema revision -m "Initial schema"
cat migrations/1.0.0_initial_schema.up.sql

say "A field is added and forgotten: the build fails, at the field"
sed 's/    pub email: String,/    pub email: String,\n    pub phone: Option<String>,/' src/models.rs > new.rs
mv new.rs src/models.rs
if CARGO_TARGET_DIR="$work/target" cargo build --quiet; then
    echo "the gate should have stopped this build" >&2
    exit 1
fi

say "The next migration: a nullable column is a minor change"
run cargo schema revision -m "Add phone"
CARGO_TARGET_DIR="$work/target" run cargo build --quiet
run cargo schema check

say "Upgrade a database, look at it, roll it back"
url="sqlite://$work/shop.db"
run cargo schema upgrade --database-url "$url"
run cargo schema status --database-url "$url"
run cargo schema downgrade -1 --database-url "$url" --yes
run cargo schema current --database-url "$url"

say "Done"
