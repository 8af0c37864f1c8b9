#!/usr/bin/env bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/guard.bash" tell || exit 1
# Runs what is due on this host of the policy databases. See --help.
{
  set -euo pipefail
  here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
  source "$here/lib/due.bash"

  due_plan databases 2026-12-01T05:00:00Z 2026-12-11T05:00:00Z /srv/backup 1
  due_again 2 900
  due_domain db-1 db-1 databases
  due_domain db-2 db-2 databases
  run_due "$here" "$@"
  leave 0
}
