#!/usr/bin/env bash
# The suite of real guests: set up, build, run, and close with what was counted.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

bash test/live/setup.sh
bash test/machines/setup.sh
npm run --silent build
TIDEMARK_TALLY=$(mktemp)
results=$(mktemp)
export TIDEMARK_TALLY
status=0
TIDEMARK_RESULTS=$results npx vitest run --project machines "$@" || status=$?
[[ ! ${TIDEMARK_RESULTS:-} ]] || cat -- "$results" >>"$TIDEMARK_RESULTS"
sum() { awk -v what="$1" '$1 == what { sum += $2 } END { print sum + 0 }' "$TIDEMARK_TALLY"; }
restored=$(sum restored) booted=$(sum booted)
failures=$(awk '{ sum += $3 } END { print sum + 0 }' "$results")
# A suite that ended before it could count, or that did nothing, has failed.
((failures > 0 || (status == 0 && restored > 0 && booted > restored))) || failures=1
printf 'machines restored: %d\nmachines booted: %d\nfailures: %d\n' "$restored" "$booted" "$failures"
rm -f -- "$TIDEMARK_TALLY" "$results"
((failures == 0))
