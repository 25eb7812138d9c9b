# Makes a PostgreSQL cluster in a folder, says "ready", waits until its standard input closes (the tests have ended, however
# they did), stops the server and removes the folder.
# Arguments: folder, folder of the server's programs, port, address to listen on (empty for the socket alone).
folder=$1 bin=$2 port=$3 address=$4
trap '' HUP INT TERM PIPE

"$bin/initdb" -D "$folder/data" -U postgres --auth=trust --no-sync --encoding=UTF8 --no-locale >&2 &&
    "$bin/pg_ctl" start -w -t 120 -D "$folder/data" -l "$folder/server.log" -o "-k '$folder' -p $port -h '$address' \
-c fsync=off -c synchronous_commit=off -c full_page_writes=off -c autovacuum=off -c jit=off -c max_connections=64 \
-c shared_buffers=64MB -c wal_level=minimal -c max_wal_senders=0 -c max_locks_per_transaction=512 \
-c max_wal_size=4GB -c logging_collector=off" >&2 </dev/null &&
    echo ready && while read -r _; do :; done

[ -f "$folder/data/postmaster.pid" ] && "$bin/pg_ctl" stop -m immediate -D "$folder/data" >/dev/null 2>&1
# The log stays for the message when the server did not start.
if [ -f "$folder/data/PG_VERSION" ]; then rm -rf "$folder"; fi
