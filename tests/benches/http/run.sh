#!/usr/bin/env bash
# Measures pages of the blog service over HTTP on loopback, by `auto!`, by hand, and in Node, and prints a Markdown table:
#
#     npm ci --prefix tests/peers/http        # once
#     tests/benches/http/run.sh
#
# Each server has one thread for requests, holds the same rows in memory, and starts anew for each block of lines. The
# rounds alternate between the servers, so that other load on the machine disturbs all of them. Queries of 0 ms are ready
# at the second poll (in Node: in the next turn of the event loop). CPU is the time of all threads of the server for each
# request that wrk counts. Instructions are callgrind's for each request, without a network. They are the same in each run,
# except those of the service itself, whose database has threads: these vary by 1 %. Memory is the peak. ROUNDS,
# SECONDS_EACH and CONNECTIONS set the time and the load.
#
# Needs Linux, wrk, valgrind, curl, and Node 20 or later. It installs nothing, and stops the servers however it ends.
set -euo pipefail
cd "$(dirname "$0")/../../.."

rounds=${ROUNDS:-3}
seconds=${SECONDS_EACH:-2}
connections=${CONNECTIONS:-128}
peers=tests/peers/http

missing=()
for program in cargo curl node valgrind wrk; do
    command -v "$program" >/dev/null || missing+=("the program $program")
done
for package in async express q; do
    [ -e "$peers/node_modules/$package" ] || { missing+=("the peers' packages: npm ci --prefix $peers"); break; }
done
[ -r /proc/self/schedstat ] || missing+=("/proc/self/schedstat, which has the CPU time of threads")
if [ ${#missing[@]} -gt 0 ]; then
    printf "$0: missing: %s\n" "${missing[@]}" >&2
    exit 1
fi

directory=$(mktemp -d)
declare -A servers=() urls=()
client=''
stop() {
    local process
    for process in $client "${servers[@]}"; do
        kill "$process" 2>/dev/null || true
        wait "$process" 2>/dev/null || true
    done
    client='' servers=()
}
fail() { printf '%s: %s\n' "$0" "$*" >&2; exit 1; }
trap 'stop; rm -rf "$directory"' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

# build ARGUMENT...: builds a program with cargo, and prints its path.
build() {
    cargo build --quiet --locked --release "$@"
    cargo build --quiet --locked --release "$@" --message-format json | sed -n 's/.*"executable":"\([^"]*\)".*/\1/p'
}
rust=$(build --package conjoin-benches-http)
service=$(build --package conjoin-examples --features benches --bin service)

# start MODE LATENCY: a server of ours or, with a framework before the mode, of Node.
start() {
    local out=$directory/out-$1 url
    : >"$out"
    case $1 in
        *-*) NODE_ENV=production node "$peers/server.js" "${1%-*}" "${1#*-}" "$2" >"$out" & ;;
        *) "$rust" serve --latency "$2ms" >"$out" & ;;
    esac
    servers[$1]=$!
    for _ in {1..100}; do
        url=$(sed -n 's/^listening on //p' "$out")
        [ -z "$url" ] || { urls[$1]=$url/${1#*-}; return; }
        kill -0 "${servers[$1]}" 2>/dev/null || break
        sleep 0.1
    done
    fail "the server of $1 does not start"
}

# load SECONDS URL: puts wrk's report in an array. In the background, as bash handles no signal while it waits for a program
# in the foreground.
load() {
    wrk --threads 1 --connections "$connections" --duration "$1s" --timeout 10s \
        --script tests/benches/http/report.lua "$2" >"$directory/wrk" &
    client=$!
    wait "$client" || fail "wrk has failed on $2"
    client=''
    read -r -a report < <(sed -n 's/^report //p' "$directory/wrk")
    [ "${report[4]}" -eq 0 ] && [ "${report[0]}" -gt 0 ] || fail "$2: ${report[0]} requests, ${report[4]} errors"
}

# The CPU time of the threads of a process, in nanoseconds.
cpu() { cat "/proc/$1"/task/*/schedstat | awk '{ sum += $1 } END { printf "%.0f", sum }'; }

# instructions PROGRAM ARGUMENT...: for each request of the second thousand. malloc keeps freed memory, so that its cost does
# not depend on the order of the rows. Otherwise, two queries that end in another order cost up to 2 % more or less.
instructions() {
    local counts=() requests
    for requests in 1000 2000; do
        counts+=("$(GLIBC_TUNABLES=glibc.malloc.tcache_count=1000 valgrind --tool=callgrind \
            --callgrind-out-file=/dev/null "$@" "$requests" 2>&1 | sed -n 's/.*Collected : //p')")
    done
    echo $(((counts[1] - counts[0]) / 1000))
}

all=(hand layers auto sync express-auto express-q plain-auto)

# All must do the same work: the answers are compared byte by byte, including errors.
for mode in "${all[@]}"; do
    start "$mode" 0
    for user in 1 2 500 999 1000 1001 0; do
        for path in "$user" "$user/activity"; do
            curl --silent --show-error --write-out ' %{http_code}\n' "${urls[$mode]}/$path"
        done
    done >"$directory/answers-$mode"
    cmp "$directory/answers-hand" "$directory/answers-$mode" || fail "$mode does not answer as hand does"
done
stop

version() { node -p 'JSON.parse(fs.readFileSync(process.argv[1])).version' "$peers/node_modules/$1/package.json"; }
crates=$(cargo tree --locked --package conjoin-benches-http --depth 1 --prefix none --edges normal |
    sed -nE 's/^(axum|conjoin|futures|tokio) v([^ ]*).*/\1 \2/p' | paste -sd, | sed 's/,/, /g')
declare -A names=(
    [hand]='by hand: `try_join!`' [layers]='by layers: `try_join!`' [auto]='`auto!`' [sync]='one after the other'
    [express-auto]='Express, `async.auto`' [express-q]='Express, Q' [plain-auto]='plain Node, `async.auto`'
)
for latency in 0 20; do
    for what in page activity; do
        path=1
        modes=("${all[@]}")
        if [ "$what" = activity ]; then
            path=1/activity
        else
            # For a page, the code by hand is in layers.
            modes=("${all[@]/layers/}")
        fi
        declare -A counts=()
        for mode in ${modes[@]}; do
            counts[$mode]=-
            [[ $latency -ne 0 || $mode == *-* ]] || counts[$mode]=$(instructions "$rust" count "$mode" "$what")
        done
        for mode in ${modes[@]}; do
            start "$mode" "$latency"
            load 1 "${urls[$mode]}/$path"
        done
        for ((round = 1; round <= rounds; round++)); do
            for mode in ${modes[@]}; do
                echo "$what, queries of $latency ms, $mode, round $round" >&2
                before=$(cpu "${servers[$mode]}")
                load "$seconds" "${urls[$mode]}/$path"
                after=$(cpu "${servers[$mode]}")
                peak=$(sed -n 's/^VmHWM:\s*\([0-9]*\).*/\1/p' "/proc/${servers[$mode]}/status")
                printf '%s\t' "$what" "${names[$mode]}" "$latency" "${report[@]:0:4}" $((after - before)) "$peak"
                echo "${counts[$mode]}"
            done
        done
        stop
    done
done >"$directory/rows"

# For a page, the code by hand is in layers.
for mode in layers auto; do
    echo "the service itself, $mode" >&2
    name=${names[${mode/layers/hand}]}
    printf 'page of the service itself\t%s\t%s\n' "$name" "$(instructions "$service" "$mode")"
done >"$directory/service"

cat <<END
$(date -u +%F), $(sed -n 's/^model name\s*: //p' /proc/cpuinfo | head -n 1), $(nproc) cores, $(uname -sm);
$(rustc --version | cut -d' ' -f1,2), $crates;
Node $(node --version), Express $(version express), async $(version async), Q $(version q);
$(wrk --version 2>&1 | sed -nE 's/^(wrk) [^0-9]*([0-9.]+).*/\1 \2/p'), $connections connections;
medians of $rounds rounds of $seconds s.

| answer | by | query, ms | requests/s | p50, ms | p99, ms | memory, MiB | CPU, µs | to hand | instructions | to hand |
| --- | --- | --: | --: | --: | --: | --: | --: | --: | --: | --: |
END
awk -F '\t' '
    function median(values, n,   i, j, swap) {
        for (i = 2; i <= n; i++)
            for (j = i; j > 1 && values[j - 1] > values[j]; j--) {
                swap = values[j]; values[j] = values[j - 1]; values[j - 1] = swap
            }
        return n % 2 ? values[(n + 1) / 2] : (values[n / 2] + values[n / 2 + 1]) / 2
    }
    function of(row, column,   i, values) {
        for (i = 1; i <= runs[row]; i++) values[i] = measured[row, column, i]
        return median(values, runs[row])
    }
    # The first line of each block is by hand.
    function to_hand(block, column, value) {
        if (!((block, column) in hand)) hand[block, column] = value
        return sprintf("%.3f", value / hand[block, column])
    }
    NF == 3 {
        service = service "| " $1 " | " $2 " | 0 | - | - | - | - | - | - | " $3 " | " to_hand($1, "counted", $3) " |\n"
        next
    }
    {
        row = $1 FS $2 FS $3
        if (!(row in runs)) rows[++count] = row
        runs[row]++
        measured[row, "rate", runs[row]] = $4 / $5 * 1e6
        measured[row, "p50", runs[row]] = $6 / 1e3
        measured[row, "p99", runs[row]] = $7 / 1e3
        measured[row, "cpu", runs[row]] = $8 / $4 / 1e3
        peak[row] = $9 / 1024
        counted[row] = $10
    }
    END {
        for (i = 1; i <= count; i++) {
            row = rows[i]
            split(row, name)
            block = name[1] FS name[3]
            cpu = of(row, "cpu")
            ratio = counted[row] == "-" ? "-" : to_hand(block, "counted", counted[row])
            printf "| %s | %s | %d | %.0f | %.2f | %.2f | %.1f | %.1f | %s | %s | %s |\n", name[1], name[2], name[3],
                of(row, "rate"), of(row, "p50"), of(row, "p99"), peak[row], cpu, to_hand(block, "cpu", cpu),
                counted[row], ratio
        }
        printf "%s", service
    }' "$directory/rows" "$directory/service"
