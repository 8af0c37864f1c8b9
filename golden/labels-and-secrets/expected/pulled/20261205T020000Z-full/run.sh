#!/usr/bin/env bash
# pulled: full at 2026-12-05T02:00:00Z (2026-12-05T02:00:00Z), policy nightly
#   vda: full (first run of this policy)
#   vdb: full (first run of this policy)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point nightly-20261205T020000Z 2026-12-05T02:00:00Z full "$here"
image vda full - yes qcow2 file /var/backup/libvirt/pulled/nightly-20261205T020000Z/vda.qcow2 /var/lib/libvirt/scratch/pulled-vda.qcow2 vda
image vdb full - yes qcow2 file /var/backup/libvirt/pulled/nightly-20261205T020000Z/vdb.qcow2 /var/lib/libvirt/scratch/pulled-vdb.qcow2 vdb
start "$@"

check_host
create_images
begin_backup
copy_over_nbd
verify_images
write_manifest
retire_checkpoints nightly-20261205T020000Z
finish
