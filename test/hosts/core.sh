#!/usr/bin/env bash
# What is asked of each libvirt: the tests of the oracle and of the live suite that are tagged `core`. Closes with a line of what was
# counted. Needs the build, and a libvirtd that answers.
set -euo pipefail
cd -- "$(dirname -- "${BASH_SOURCE[0]}")/../.."

export TIDEMARK_TALLY TIDEMARK_ORACLE_TALLY
TIDEMARK_TALLY=$(mktemp) TIDEMARK_ORACLE_TALLY=$(mktemp)
status=0
node_modules/.bin/vitest run --project oracle --project live --tags-filter core --hideSkippedTests || status=$?
sum() { awk -v what="$1" '$1 == what { sum += $2 } END { print sum + 0 }' "$TIDEMARK_TALLY" "$TIDEMARK_ORACLE_TALLY"; }
documents=$(($(sum schema) + $(sum daemon))) points=$(sum compared) faults=$(sum faults)
disagreements=$(sum disagreements) differences=$(sum differences)
qemu=$(qemu-img --version | sed -n '1s/^qemu-img version \([0-9.]*\).*/\1/p')
printf 'libvirt %s, QEMU %s: documents %d, disagreements %d, restore points %d, faults %d, differences %d\n' \
  "$(virsh --version)" "$qemu" "$documents" "$disagreements" "$points" "$faults" "$differences"
rm -f -- "$TIDEMARK_TALLY" "$TIDEMARK_ORACLE_TALLY"
# What was not asked has not been answered.
((status == 0 && documents > 0 && points > 0 && faults > 0 && disagreements == 0 && differences == 0))
