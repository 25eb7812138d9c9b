set -eu

tab=$(printf '\t')
nl='
'
dry_run=
yes=
url=

fail() {
    printf '%s: %s\n' "${0##*/}" "$1" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
    --dry-run) dry_run=1 ;;
    --yes | -y) yes=1 ;;
    --help | -h)
        usage
        exit 0
        ;;
    -*) fail "unknown option $1; see --help" ;;
    *) url=$1 ;;
    esac
    shift
done
url=${url:-${DATABASE_URL:-}}
[ -n "$url" ] || fail 'no database is named; give its URL, or set DATABASE_URL'

# %41 is A.
decode() {
    rest=$1
    decoded=
    while :; do
        case $rest in
        *%[0-9A-Fa-f][0-9A-Fa-f]*)
            before=${rest%%\%[0-9A-Fa-f][0-9A-Fa-f]*}
            rest=${rest#"$before"%}
            code=${rest%"${rest#??}"}
            rest=${rest#??}
            decoded=$decoded$before$(printf '%b' "\\0$(printf '%03o' "0x$code")")
            ;;
        *)
            decoded=$decoded$rest
            return
            ;;
        esac
    done
}

case $url in
postgres://* | postgresql://* | postgres+*://* | postgresql+*://*)
    dialect=postgres
    url=postgresql://${url#*://}
    # libpq has no search_path of its own.
    case $url in
    *[?\&]search_path=*)
        schemas=${url#*[?&]search_path=}
        schemas=${schemas%%&*}
        decode "$schemas"
        PGOPTIONS="${PGOPTIONS:-} -c search_path=$decoded"
        export PGOPTIONS
        url=$(printf '%s' "$url" | sed -e 's/\([?&]\)search_path=[^&]*&*/\1/' -e 's/[?&]$//')
        ;;
    esac
    PGCLIENTENCODING=UTF8
    export PGCLIENTENCODING
    ;;
sqlite:* | sqlite3:* | sqlite+*:* | file:*)
    dialect=sqlite
    file=${url#*:}
    file=${file#//}
    file=${file%%\?*}
    decode "$file"
    file=$decoded
    [ -f "$file" ] || [ -n "$may_create" ] || fail "there is no database at $file"
    # A name may look like an option.
    case $file in
    -*) file=./$file ;;
    esac
    ;;
*) fail 'the URL is none of postgres://… and sqlite://…' ;;
esac

# One answer, as text.
ask() {
    case $dialect in
    postgres) psql -X -q -A -t -v ON_ERROR_STOP=1 -d "$url" -c "$1" ;;
    sqlite) sqlite3 -batch -bail -init /dev/null -cmd '.timeout 60000' "$file" "$1" ;;
    esac
}

# What standard input says; stops at the first error, with everything since BEGIN undone.
run() {
    case $dialect in
    postgres) psql -X -q -v ON_ERROR_STOP=1 -d "$url" -o /dev/null ;;
    sqlite) sqlite3 -batch -bail -init /dev/null -cmd '.timeout 60000' "$file" ;;
    esac
}

# The columns of the history table; none where there is no table.
read_columns() {
    case $dialect in
    postgres)
        columns=$(ask "SELECT a.attname FROM pg_catalog.pg_attribute a WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attrelid = pg_catalog.to_regclass(pg_catalog.quote_ident(pg_catalog.current_schema()) || '.schema_version')")
        ;;
    sqlite) columns=$(ask "SELECT name FROM pragma_table_info('schema_version')") ;;
    esac
}

has_column() {
    case $nl$columns$nl in
    *"$nl$1$nl"*) return 0 ;;
    *) return 1 ;;
    esac
}

# Every row of the history table: version, tab, progress.
read_rows() {
    rows=
    read_columns
    [ -n "$columns" ] || return 0
    if ! has_column version || ! has_column applied_at; then
        fail 'the table schema_version is not a history table of ours; nothing was done'
    fi
    progress="''"
    if has_column progress; then
        progress="coalesce(progress, '')"
    fi
    case $dialect in
    postgres) rows=$(ask "SELECT version || E'\\t' || $progress FROM schema_version") ;;
    sqlite) rows=$(ask "SELECT version || char(9) || $progress FROM schema_version") ;;
    esac
}

# The state of a revision: absent, applied, or how far an interrupted run got.
state_of() {
    case $nl$rows$nl in
    *"$nl$1$tab$nl"*) state=applied ;;
    *"$nl$1$tab"*)
        state=$nl$rows$nl
        state=${state#*"$nl$1$tab"}
        state=${state%%"$nl"*}
        ;;
    *) state=absent ;;
    esac
}

# What this script does not know, it does not touch.
refuse_unknown() {
    while IFS=$tab read -r version _; do
        [ -n "$version" ] || continue
        case $nl$known$nl in
        *"$nl$version$nl"*) ;;
        *) fail "the database has revision $version, which this script does not know; nothing was done" ;;
        esac
    done <<ROWS
$rows
ROWS
}

# Where an interrupted run goes on: at the step whose beginning its progress names.
resume_at() {
    at=0
    while [ "$at" -le "$steps" ]; do
        step "$1" "$at"
        case $state in
        "$before" | "$before "*) return 0 ;;
        esac
        at=$((at + 1))
    done
    fail "$id was interrupted ($state) by other files than these; nothing was done"
}

# Waits while another runner is at work.
wait_for_lock() {
    [ "$dialect" = postgres ] || return 0
    waited=0
    while [ "$(ask "$lock_query")" != 0 ]; do
        [ "$waited" -lt 600 ] || fail 'another runner still holds the lock; nothing was done'
        [ "$waited" -gt 0 ] || printf 'Waiting for another runner\n' >&2
        sleep 1
        waited=$((waited + 1))
    done
}

# Columns that a table made by hand lacks.
add_columns() {
    for column in description:text revises:text checksum:text down_sql:text down_checksum:text duration_ms:bigint applied_by:text progress:text; do
        if ! has_column "${column%:*}"; then
            ask "ALTER TABLE schema_version ADD COLUMN ${column%:*} ${column#*:}"
        fi
    done
}

# The steps in $todo, a line each: revision, step. PostgreSQL: one session, which holds the lock. SQLite: a process for
# each transaction, which looks at the history itself.
execute() {
    case $dialect in
    postgres) assemble | run ;;
    sqlite) execute_sqlite ;;
    esac
}

assemble() {
    open_session
    [ -z "$together" ] || printf 'BEGIN;\n'
    while read -r number at; do
        revision "$number"
        step "$number" "$at"
        [ "$at" -gt 0 ] || tell "$starting $id"
        [ -n "$together" ] || [ "$kind" != group ] || printf 'BEGIN;\n'
        "${dialect}_${number}_$at"
        [ -n "$together" ] || [ "$kind" != group ] || printf 'COMMIT;\n'
        [ "$((at + 1))" -lt "$steps" ] || [ -n "$together" ] || tell "✓ $finished $id"
    done <<TODO
$todo
TODO
    if [ -n "$together" ]; then
        printf 'COMMIT;\n'
        while read -r number _; do
            revision "$number"
            tell "✓ $finished $id"
        done <<TODO
$todo
TODO
    fi
}

# A line for psql to print when it gets there.
tell() {
    printf '%s\n' "$1" | sed -e 's/\\/\\\\/g' -e "s/'/''/g" -e "s/^/\\\\echo '/" -e "s/\$/'/"
}

execute_sqlite() {
    if [ -n "$together" ]; then
        {
            begin_sqlite
            while read -r number at; do
                "${dialect}_${number}_$at"
            done <<TODO
$todo
TODO
            commit_sqlite
        } | run >/dev/null || return 1
    fi
    while read -r number at; do
        revision "$number"
        step "$number" "$at"
        [ "$at" -gt 0 ] || [ -n "$together" ] || printf '%s %s\n' "$starting" "$id"
        if [ -n "$together" ]; then
            :
        elif [ "$kind" = repeat ]; then
            changed=1
            while [ "$changed" != 0 ]; do
                changed=$("${dialect}_${number}_$at" | run) || return 1
                changed=${changed##*"$nl"}
            done
        elif [ "$kind" = outside ]; then
            "${dialect}_${number}_$at" | run >/dev/null || return 1
        else
            {
                begin_sqlite
                "${dialect}_${number}_$at"
                commit_sqlite
            } | run >/dev/null || return 1
        fi
        [ "$((at + 1))" -lt "$steps" ] || printf '✓ %s %s\n' "$finished" "$id"
    done <<TODO
$todo
TODO
}

begin_sqlite() {
    if [ "$keys" = off ]; then
        printf 'PRAGMA foreign_keys = OFF;\nBEGIN IMMEDIATE;\n'
        printf 'CREATE TEMP TABLE cargo_schema_orphans AS SELECT "table" AS t, parent AS p, count(*) AS n FROM pragma_foreign_key_check GROUP BY 1, 2;\n'
    else
        printf 'PRAGMA foreign_keys = ON;\nBEGIN IMMEDIATE;\n'
    fi
}

commit_sqlite() {
    if [ "$keys" = off ]; then
        printf 'CREATE TEMP TABLE cargo_schema_keys (ok INTEGER, CONSTRAINT "rows would have no parent" CHECK (ok));\n'
        printf 'INSERT INTO cargo_schema_keys SELECT coalesce((SELECT n FROM cargo_schema_orphans WHERE t = c."table" AND p = c.parent), 0) >= count(*) FROM pragma_foreign_key_check c GROUP BY c."table", c.parent;\n'
    fi
    printf 'COMMIT;\n'
}

show_todo() {
    while read -r number at; do
        revision "$number"
        printf -- '-- %s %s, step %s of %s\n' "$starting" "$id" "$((at + 1))" "$steps"
        "${dialect}_${number}_$at"
    done <<TODO
$todo
TODO
}
