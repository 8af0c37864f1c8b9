#!/usr/bin/env bash
# Runs what is due on this host of the policy nightly. See --help.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/lib/due.bash"

plan nightly 2027-03-26T23:00:00Z 2027-03-29T22:00:00Z "/srv/back \"up\" 100% of \$HOME/kvm-a" 1
domain web web nightly
run_due "$here" "$@"
