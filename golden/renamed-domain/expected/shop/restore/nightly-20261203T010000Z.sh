#!/usr/bin/env bash
# Restores shop as it was at the restore point nightly-20261203T010000Z. See --help.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/restore.bash"

restore_point shop 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 /var/backup/libvirt/shop nightly-20261203T010000Z "$@"
