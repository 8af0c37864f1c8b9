#!/usr/bin/env bash
# pulled: incremental at 2026-12-06T02:00:00Z (2026-12-06T02:00:00Z), policy nightly
#   vda: incremental since nightly-20261205T020000Z (changes since the last run)
#   vdb: incremental since nightly-20261205T020000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:5dc569f68eef012d29d2c30f321ba96a82ebab5081b0e2a7e7189006d22fc0a9 2026-12-05T00:00:00Z 2026-12-07T00:00:00Z
domain pulled 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1d01 /var/backup/libvirt/pulled pull
answers last-verified fail skip 21600 nightly
server unix /run/tidemark/pulled.sock
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/vdb.qcow2
point nightly-20261206T020000Z 2026-12-06T02:00:00Z incremental "$here"
image vda incremental nightly-20261205T020000Z yes qcow2 file /var/backup/libvirt/pulled/nightly-20261206T020000Z/vda.qcow2 /var/lib/libvirt/scratch/pulled-vda.qcow2 vda backup-vda
image vdb incremental nightly-20261205T020000Z yes qcow2 file /var/backup/libvirt/pulled/nightly-20261206T020000Z/vdb.qcow2 /var/lib/libvirt/scratch/pulled-vdb.qcow2 vdb backup-vdb
start "$@"

check_host
create_images
begin_backup
copy_over_nbd
verify_images
write_manifest
retire_checkpoints nightly-20261206T020000Z
finish
