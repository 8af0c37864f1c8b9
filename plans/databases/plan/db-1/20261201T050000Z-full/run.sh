#!/usr/bin/env bash
# db-1: full at 2026-12-01T05:00:00Z (2026-12-01T00:00:00-05:00), policy databases
#   vda: full (the schedule says full)
#   vdb: full (the schedule says full)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point databases-20261201T050000Z 2026-12-01T05:00:00Z full "$here"
image vda full - yes qcow2 file /srv/backup/db-1/databases-20261201T050000Z/vda.qcow2 /var/lib/libvirt/scratch/db-1-vda.qcow2 vda
image vdb full - yes qcow2 file /srv/backup/db-1/databases-20261201T050000Z/vdb.qcow2 /var/lib/libvirt/scratch/db-1-vdb.qcow2 vdb
start "$@"

check_host
create_images
begin_backup
copy_over_nbd
verify_images
write_manifest
retire_checkpoints databases-20261201T050000Z
finish
