#!/usr/bin/env bash
# db-1: incremental at 2026-12-06T11:15:00Z (2026-12-06T06:15:00-05:00), policy databases
#   vda: incremental since databases-20261206T063000Z (changes since the last run)
#   vdb: incremental since databases-20261206T063000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point databases-20261206T111500Z 2026-12-06T11:15:00Z incremental "$here"
image vda incremental databases-20261206T063000Z yes qcow2 file /srv/backup/db-1/databases-20261206T111500Z/vda.qcow2 /var/lib/libvirt/scratch/db-1-vda.qcow2 vda backup-vda
image vdb incremental databases-20261206T063000Z yes qcow2 file /srv/backup/db-1/databases-20261206T111500Z/vdb.qcow2 /var/lib/libvirt/scratch/db-1-vdb.qcow2 vdb backup-vdb
start "$@"

check_host
create_images
begin_backup
copy_over_nbd
verify_images
write_manifest
retire_checkpoints databases-20261201T050000Z databases-20261206T111500Z
finish
