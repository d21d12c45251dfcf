#!/usr/bin/env bash
# Runs a command beside a temporary PostgreSQL server. BLOG_TEST_POSTGRES_URL has the server's URL:
#
#     examples/tests/with-postgres.sh cargo test -p conjoin-examples --features postgres-tests
#
# The server listens on loopback only and needs a random password. It ends with the command, and its data is deleted.
# Needs PostgreSQL's server programs: on Debian, the package `postgresql`.
set -euo pipefail

if [ $# -eq 0 ]; then
    echo "usage: $0 command [argument ...]" >&2
    exit 2
fi

# Debian has the server's programs outside of PATH, in a directory for each version.
initdb=$(command -v initdb || find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
if [ ! -x "$initdb" ]; then
    echo "$0: cannot find initdb; install PostgreSQL's server (Debian: postgresql)" >&2
    exit 1
fi

programs=$(dirname "$initdb")

# The server refuses to run as root.
as_server=()
if [ "$(id -u)" -eq 0 ]; then
    as_server=(setpriv --reuid=postgres --regid=postgres --clear-groups --)
fi

directory=$("${as_server[@]}" mktemp -d)
data=$directory/data
clean_up() {
    "${as_server[@]}" "$programs/pg_ctl" stop --pgdata="$data" --mode=immediate --silent 2>/dev/null || true
    rm -rf "$directory"
}
trap clean_up EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
# In a directory of the server's user, who may not enter the caller's.
run() { (cd "$directory" && "${as_server[@]}" "$@"); }

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
run sh -c 'umask 077 && cat >password' <<<"$password"
run "$initdb" --pgdata="$data" --username=postgres --auth=scram-sha-256 --pwfile=password \
    --encoding=UTF8 --no-locale --no-sync >/dev/null

# The server cannot choose a free port by itself, so this tries several.
for _ in 1 2 3 4 5 6 7 8 9 10; do
    port=$((20000 + RANDOM % 12000))
    options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories='' -c fsync=off"
    if run "$programs/pg_ctl" start --pgdata="$data" --log=log --options="$options" --wait --silent >/dev/null; then
        BLOG_TEST_POSTGRES_URL="postgres://postgres:$password@127.0.0.1:$port/postgres" "$@"
        exit
    fi
done
cat "$directory/log" >&2
exit 1
