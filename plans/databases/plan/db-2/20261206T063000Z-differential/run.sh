#!/usr/bin/env bash
# db-2: differential at 2026-12-06T06:30:00Z (2026-12-06T01:30:00-05:00), policy databases
#   vda: differential since databases-20261201T050000Z (changes since the last full)
#   vdb: differential since databases-20261201T050000Z (changes since the last full)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point databases-20261206T063000Z 2026-12-06T06:30:00Z differential "$here"
image vda differential databases-20261201T050000Z yes qcow2 file /srv/backup/db-2/databases-20261206T063000Z/vda.qcow2 /var/lib/libvirt/scratch/db-2-vda.qcow2 vda backup-vda
image vdb differential databases-20261201T050000Z yes qcow2 file /srv/backup/db-2/databases-20261206T063000Z/vdb.qcow2 /var/lib/libvirt/scratch/db-2-vdb.qcow2 vdb backup-vdb
start "$@"

check_host
create_images
begin_backup
copy_over_nbd
verify_images
write_manifest
retire_checkpoints databases-20261201T050000Z databases-20261206T063000Z
finish
