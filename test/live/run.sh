#!/usr/bin/env bash
# The live suite: set up, build, run, and close with what was counted.
# Usage: run.sh [--without-core] [vitest's arguments]: without what `npm run test:hosts` asks of this host's libvirt, too.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

# Runs wait for guests and disks for a third of their time.
suite=(npx vitest run --project live --maxWorkers "$(($(nproc) + 1))")
if [[ ${1:-} == --without-core ]]; then
  suite+=(--tags-filter '!core')
  shift
fi
bash test/live/setup.sh
npm run --silent build
TIDEMARK_TALLY=$(mktemp)
export TIDEMARK_TALLY
status=0
"${suite[@]}" "$@" || status=$?
# The guests' QEMU is the distribution's user; its core is passed with root as well.
(($# > 0)) || TIDEMARK_QEMU=root npx vitest run --project live test/live/smoke.test.ts test/live/redefine.test.ts || status=$?
# What stops the daemon for a while, or asks for all domains there are, comes alone, after the others.
(($# > 0)) || npx vitest run --project daemon || status=$?
(($# > 0)) || npx vitest run --project newcomer --no-file-parallelism || status=$?
sum() { awk -v what="$1" '$1 == what { sum += $2 } END { print sum + 0 }' "$TIDEMARK_TALLY"; }
differences=$(sum differences)
printf 'restore points compared: %d\nfaults injected: %d\ndifferences: %d\n' "$(sum compared)" "$(sum faults)" "$differences"
rm -f -- "$TIDEMARK_TALLY"
((status == 0 && differences == 0))
