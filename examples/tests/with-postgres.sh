#!/usr/bin/env bash
# Runs a command beside a throwaway PostgreSQL server, whose URL it finds in BLOG_TEST_POSTGRES_URL:
#
#     examples/tests/with-postgres.sh cargo test -p conjoin-examples --features postgres-tests
#
# The server listens on loopback only, asks for a password made up for this run, and is gone with its data when the
# command ends. Wants PostgreSQL's server programs, on Debian the package `postgresql`.
set -euo pipefail

if [ $# -eq 0 ]; then
    echo "usage: $0 command [argument ...]" >&2
    exit 2
fi

# Debian keeps the server's programs out of PATH, in a directory for each version.
initdb=$(command -v initdb || find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1)
if [ ! -x "$initdb" ]; then
    echo "$0: there is no initdb here; is PostgreSQL's server installed?" >&2
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
# Out of the caller's directory, which the server's user may not be allowed to enter.
run() { (cd "$directory" && "${as_server[@]}" "$@"); }

password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
run sh -c 'umask 077 && cat >password' <<<"$password"
run "$initdb" --pgdata="$data" --username=postgres --auth=scram-sha-256 --pwfile=password \
    --encoding=UTF8 --no-locale --no-sync >/dev/null

# The server cannot pick a free port by itself, so several are tried.
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
