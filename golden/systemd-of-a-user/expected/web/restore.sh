#!/usr/bin/env bash
source "$(dirname -- "${BASH_SOURCE[0]}")/../lib/guard.bash" quiet || exit 1
# Restores web: `restore.sh POINT`; `restore.sh --list` prints the restore points. See --help.
{
  set -euo pipefail
  here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
  source "$here/../lib/restore.bash"
  restore_point web 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 '/home/user/back up 100%/web' "$@"
  leave 0
}
