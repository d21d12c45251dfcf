#!/usr/bin/env bash
# Random bodies, again and again: `tests/generated/run.sh [bodies] [seed]`, of which the first is the number of bodies in
# all, 2000 if it is left out, and the second where to begin, today if it is left out.
set -euo pipefail
cd "$(dirname "$0")/../.."

cases=${1:-2000}
seed=${2:-$(date +%Y%m%d)}
# rustc takes more than twice as long for twice as many.
at_once=200
export CARGO_INCREMENTAL=0 CARGO_PROFILE_DEV_DEBUG=${CARGO_PROFILE_DEV_DEBUG:-line-tables-only}
for (( done = 0; done < cases; done += at_once )); do
    left=$(( cases - done ))
    export CONJOIN_CASES=$(( left < at_once ? left : at_once )) CONJOIN_SEED=$(( seed * 1000 + done / at_once ))
    echo "CONJOIN_SEED=$CONJOIN_SEED CONJOIN_CASES=$CONJOIN_CASES"
    cargo test --locked --quiet --package conjoin-tests-generated
done
