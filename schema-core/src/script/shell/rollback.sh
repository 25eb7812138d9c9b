read_rows
[ -n "$columns" ] || fail 'the database has no history table schema_version; nothing was done'
refuse_unknown

for number in $beneath; do
    revision "$number"
    state_of "$id"
    [ "$state" = applied ] || fail "the database is not at $target or above it: $id is not applied; nothing was done"
done

todo=
losses=
together=$may_be_one
seen=
for number in $path; do
    revision "$number"
    state_of "$id"
    at=0
    case $state in
    absent)
        [ -z "$seen" ] || fail "$seen is applied and $id is not, which it follows; nothing was done"
        continue
        ;;
    applied) ;;
    down*)
        together=
        resume_at "$number"
        ;;
    *) fail "an upgrade to $id was interrupted ($state); finish it first: cargo schema upgrade $id" ;;
    esac
    [ -n "$seen" ] || printf 'The database is at %s\n' "$id"
    seen=$id
    [ -z "$irreversible" ] || fail "$id cannot be rolled back: $irreversible; nothing was done"
    [ -z "$loss" ] || losses="$losses$nl  $id: $loss"
    printf 'Will roll back %s%s\n' "$id" "${title:+ ($title)}"
    while [ "$at" -lt "$steps" ]; do
        todo="$todo${todo:+$nl}$number $at"
        at=$((at + 1))
    done
done

if [ -z "$todo" ]; then
    printf 'The database is at %s already\n' "$target"
    exit 0
fi
first=${todo%%"$nl"*}
step "${first% *}" "${first#* }"
if [ -n "$dry_run" ]; then
    [ -z "$losses" ] || printf 'This loses data:%s\n' "$losses"
    show_todo
    exit 0
fi
if [ -n "$losses" ]; then
    printf 'This loses data:%s\n' "$losses"
    if [ -z "$yes" ]; then
        [ -t 0 ] || fail 'data would be lost; add --yes to go on; nothing was done'
        printf 'Go on? [y/N] '
        read -r answer
        case $answer in
        y | Y | yes | Yes) ;;
        *) fail 'nothing was done' ;;
        esac
    fi
fi
wait_for_lock
add_columns
execute || fail 'stopped at the error above; what is marked as rolled back stays so, nothing else was changed'
printf 'The database is at %s\n' "$target"
