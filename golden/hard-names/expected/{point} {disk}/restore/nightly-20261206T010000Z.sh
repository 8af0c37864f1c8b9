#!/usr/bin/env bash
# Restores {point} {disk} as it was at the restore point nightly-20261206T010000Z. See --help.
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/restore.bash"

restore_point '{point} {disk}' 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1bbb "/var/backup/it's \"here\" & <there> \$HOME/{point} {disk}" nightly-20261206T010000Z "$@"
