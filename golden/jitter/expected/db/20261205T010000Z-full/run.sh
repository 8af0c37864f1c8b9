#!/usr/bin/env bash
# db: full at 2026-12-05T01:00:00Z (2026-12-05T02:00:00+01:00), policy nightly
#   vda: full (first run of this policy)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:7cb97e9468101bd163b0c1fc1884c9ed81c591f0c827bc3f4b543534eb3ed323 2026-12-04T23:00:00Z 2026-12-07T23:00:00Z
domain db 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b02 /var/backup/libvirt/db pull
answers last-verified fail skip 21600 nightly
server unix /run/tidemark/db.sock
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
point nightly-20261205T010000Z 2026-12-05T01:00:00Z full "$here"
starts 2026-12-05T12:36:42Z
image vda full - yes qcow2 file /var/backup/libvirt/db/nightly-20261205T010000Z/vda.qcow2 /scratch/db-vda.qcow2 vda
start "$@"

check_host
create_images
begin_backup
copy_over_nbd
verify_images
write_manifest
retire_checkpoints nightly-20261205T010000Z
finish
