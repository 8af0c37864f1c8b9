#!/usr/bin/env bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/guard.bash" tell || exit 1
# Runs what is due on this host of the policy nightly. See --help.
{
  set -euo pipefail
  here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
  source "$here/lib/due.bash"

  due_plan nightly 2026-12-05T23:00:00Z 2026-12-08T23:00:00Z '/home/user/back up 100%' 1
  due_again 2 900
  due_domain web web nightly
  run_due "$here" "$@"
  leave 0
}
