#!/usr/bin/env bash
# web: full at 2026-12-05T03:00:00Z (2026-12-05T04:00:00+01:00), policy nightly
#   vda: full (the schedule says full)
#   vdb: full (the schedule says full)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point nightly-20261205T030000Z 2026-12-05T03:00:00Z full "$here"
image vda full - no raw file /var/backup/libvirt/web/nightly-20261205T030000Z/vda.raw
image vdb full - no raw file /var/backup/libvirt/web/nightly-20261205T030000Z/vdb.raw
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
finish
