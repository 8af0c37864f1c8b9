#!/usr/bin/env bash
# web: full at 2026-11-01T05:20:00Z (2026-11-01T01:20:00-04:00), policy hourly
#   vda: full (the schedule says full)
#   vdb: full (the schedule says full)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point hourly-20261101T052000Z 2026-11-01T05:20:00Z full "$here"
image vda full - yes qcow2 file /var/backup/libvirt/web/hourly-20261101T052000Z/vda.qcow2
image vdb full - yes qcow2 file /var/backup/libvirt/web/hourly-20261101T052000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints hourly-20261101T052000Z
finish
