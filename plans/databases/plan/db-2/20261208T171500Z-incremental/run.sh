#!/usr/bin/env bash
# db-2: incremental at 2026-12-08T17:15:00Z (2026-12-08T12:15:00-05:00), policy databases
#   vda: incremental since databases-20261208T111500Z (changes since the last run)
#   vdb: incremental since databases-20261208T111500Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point databases-20261208T171500Z 2026-12-08T17:15:00Z incremental "$here"
image vda incremental databases-20261208T111500Z yes qcow2 file /srv/backup/db-2/databases-20261208T171500Z/vda.qcow2 /var/lib/libvirt/scratch/db-2-vda.qcow2 vda backup-vda
image vdb incremental databases-20261208T111500Z yes qcow2 file /srv/backup/db-2/databases-20261208T171500Z/vdb.qcow2 /var/lib/libvirt/scratch/db-2-vdb.qcow2 vdb backup-vdb
start "$@"

check_host
create_images
begin_backup
copy_over_nbd
verify_images
write_manifest
retire_checkpoints databases-20261201T050000Z databases-20261208T171500Z
finish
