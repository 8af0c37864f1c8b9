#!/usr/bin/env bash
# db: incremental at 2026-12-06T02:00:00Z (2026-12-06T03:00:00+01:00), policy nightly
#   vda: incremental since nightly-20261206T010000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:6188ade0a9ce03b3b9ed2ae3b00fc4e6c8c5617216423010850e00bf0319b3ae 2026-12-04T23:00:00Z 2026-12-07T23:00:00Z
domain db 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b02 /var/backup/libvirt/db pull
answers last-verified fail skip 21600 nightly
server unix /run/tidemark/db.sock
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
point nightly-20261206T020000Z 2026-12-06T02:00:00Z incremental "$here"
starts 2026-12-06T04:35:34Z
image vda incremental nightly-20261206T010000Z yes qcow2 file /var/backup/libvirt/db/nightly-20261206T020000Z/vda.qcow2 /scratch/db-vda.qcow2 vda backup-vda
start "$@"

check_host
create_images
begin_backup
copy_over_nbd
verify_images
write_manifest
retire_checkpoints nightly-20261206T020000Z
finish
