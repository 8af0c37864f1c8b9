#!/usr/bin/env bash
source "$(dirname -- "${BASH_SOURCE[0]}")/lib/guard.bash" tell || exit 1
# Runs what is due on this host of the policy mixed. See --help.
{
  set -euo pipefail
  here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
  source "$here/lib/due.bash"

  due_plan mixed 2026-11-30T23:00:00Z 2026-12-28T23:00:00Z /var/backup/libvirt 1
  due_again 2 900
  due_domain web web mixed
  run_due "$here" "$@"
  leave 0
}
