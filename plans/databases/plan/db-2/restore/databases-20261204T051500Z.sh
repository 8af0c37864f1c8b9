#!/usr/bin/env bash
# Restores db-2 as it was at the restore point databases-20261204T051500Z. See --help.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/restore.bash"

restore_point db-2 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1a04 /srv/backup/db-2 databases-20261204T051500Z "$@"
