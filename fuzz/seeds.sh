#!/bin/sh
# Makes seeds of the SQL in tests/cases: a script each for the target `replay`, old and new of a case for the target `plan`.
set -eu
cd "$(dirname "$0")/.."
mkdir -p fuzz/corpus/replay fuzz/corpus/plan
for case in tests/cases/replay/*.case tests/cases/procedural/*.case tests/cases/diff/*.case; do
    [ -e "$case" ] || continue
    name=$(echo "$case" | sed 's|tests/cases/||; s|/|-|g; s|\.case$||')
    section() { awk -v wanted="=== $1" '/^=== / { inside = ($0 == wanted); next } inside' "$case"; }
    old=$(section old.sql) new=$(section new.sql) in=$(section in.sql)
    if [ -n "$old$new" ]; then
        printf '%s\n\0%s\n' "$old" "$new" >"fuzz/corpus/plan/$name"
        printf '%s\n' "$new" >"fuzz/corpus/replay/$name"
    fi
    [ -z "$in" ] || printf '%s\n' "$in" >"fuzz/corpus/replay/$name"
done
