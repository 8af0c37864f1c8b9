#!/usr/bin/env bash
# db-1: incremental at 2026-12-02T11:15:00Z (2026-12-02T06:15:00-05:00), policy databases
#   vda: incremental since databases-20261201T231500Z (changes since the last run)
#   vdb: incremental since databases-20261201T231500Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan databases sha256:1b7001c1b85f363056454c7bba2553c0a8bd8991bbfd39c067330f5bae17b9cf 2026-12-01T05:00:00Z 2026-12-11T05:00:00Z
domain db-1 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1a03 /srv/backup/db-1 pull
answers last-verified full skip 21600 databases
server unix /run/tidemark/db-1.sock
expect_disk vda file qcow2 /var/lib/libvirt/images/db-1-vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/db-1-vdb.qcow2
point databases-20261202T111500Z 2026-12-02T11:15:00Z incremental "$here"
image vda incremental databases-20261201T231500Z yes qcow2 file /srv/backup/db-1/databases-20261202T111500Z/vda.qcow2 /var/lib/libvirt/scratch/db-1-vda.qcow2 vda backup-vda
image vdb incremental databases-20261201T231500Z yes qcow2 file /srv/backup/db-1/databases-20261202T111500Z/vdb.qcow2 /var/lib/libvirt/scratch/db-1-vdb.qcow2 vdb backup-vdb
start "$@"

check_host
create_images
begin_backup
copy_over_nbd
verify_images
write_manifest
retire_checkpoints databases-20261201T050000Z databases-20261202T111500Z
finish
