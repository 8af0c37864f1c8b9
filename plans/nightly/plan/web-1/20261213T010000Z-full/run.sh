#!/usr/bin/env bash
# web-1: full at 2026-12-13T01:00:00Z (2026-12-13T02:00:00+01:00), policy nightly
#   vda: full (the schedule says full)
#   vdb: full (the schedule says full)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:356e112695c8a8e5df15c3814da7c4bd302acfddb015101a5eb09630594ad9a7 2026-11-30T23:00:00Z 2026-12-14T23:00:00Z
domain web-1 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1a01 /var/backup/libvirt/web-1 push
answers last-verified fail skip 21600 nightly
expect_disk vda file qcow2 /var/lib/libvirt/images/web-1-vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/web-1-vdb.qcow2
expect_disk sda file raw ''
point nightly-20261213T010000Z 2026-12-13T01:00:00Z full "$here"
image vda full - yes qcow2 file /var/backup/libvirt/web-1/nightly-20261213T010000Z/vda.qcow2
image vdb full - yes qcow2 file /var/backup/libvirt/web-1/nightly-20261213T010000Z/vdb.qcow2
start "$@"

check_host
create_images
freeze fail
begin_backup
thaw
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20261213T010000Z
finish
