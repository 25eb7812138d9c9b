read_rows
refuse_unknown

current=
todo=
losses=
together=
for number in $path; do
    revision "$number"
    state_of "$id"
    at=0
    case $state in
    applied)
        [ -z "$todo" ] || fail "$id is applied and ${waiting} is not, which comes before it; nothing was done"
        current=$id
        continue
        ;;
    absent) ;;
    up*) resume_at "$number" ;;
    *) fail "a rollback of $id was interrupted ($state); finish it first: cargo schema downgrade" ;;
    esac
    waiting=$id
    [ -z "$loss" ] || losses="$losses$nl  $id: $loss"
    while [ "$at" -lt "$steps" ]; do
        todo="$todo${todo:+$nl}$number $at"
        at=$((at + 1))
    done
done

printf 'Current schema version: %s\n' "${current:-none}"
for number in $path; do
    revision "$number"
    state_of "$id"
    if [ "$state" = applied ]; then
        printf '⊘ Skipping %s (already applied)\n' "$id"
    else
        printf 'Will apply %s%s\n' "$id" "${title:+ ($title)}"
    fi
done
if [ -z "$todo" ]; then
    printf 'All migrations applied successfully\n'
    exit 0
fi
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
[ -n "$columns" ] || create_history
read_columns
add_columns
execute || fail 'stopped at the error above; what is marked as applied stays so, nothing else was changed'
printf 'All migrations applied successfully\n'
