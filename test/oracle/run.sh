#!/usr/bin/env bash
# The oracles: libvirt's schema and a running libvirt for documents, restic for retention, systemd for calendars.
# Usage: run.sh [--times N] [--seed N] [vitest's arguments]: N times as many documents, from another seed.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

while [[ ${1:-} == --times || ${1:-} == --seed ]]; do
  [[ ${2:-} =~ ^[1-9][0-9]*$ ]] || {
    echo "run.sh: $1 takes a whole number" >&2
    exit 2
  }
  if [[ $1 == --times ]]; then export TIDEMARK_ORACLE_TIMES=$2; else export TIDEMARK_ORACLE_SEED=$2; fi
  shift 2
done
TIDEMARK_ORACLE_TALLY=$(mktemp)
export TIDEMARK_ORACLE_TALLY
status=0
npx vitest run --project oracle "$@" || status=$?
sum() { awk -v what="$1" '$1 == what { sum += $2 } END { print sum + 0 }' "$TIDEMARK_ORACLE_TALLY"; }
disagreements=$(sum disagreements)
printf 'documents by schema: %d\ndocuments by daemon: %d\ndisagreements: %d\n' "$(sum schema)" "$(sum daemon)" "$disagreements"
rm -f -- "$TIDEMARK_ORACLE_TALLY"
((status == 0 && disagreements == 0))
