#!/usr/bin/env bash
# db-2: full at 2026-12-06T01:00:00Z (2026-12-06T02:00:00+01:00), policy nightly
#   vda: full (the schedule says full)
#   vdb: full (the schedule says full)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:20a43b637472d9b0515b7b84665fe76bc825a44dee3f8eb1304a328dbd98dd7a 2026-12-05T23:00:00Z 2026-12-07T23:00:00Z
domain db-2 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b03 /var/backup/libvirt/db-2 push
answers last-verified fail skip 21600 nightly
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/vdb.qcow2
expect_disk sda file raw ''
point nightly-20261206T010000Z 2026-12-06T01:00:00Z full "$here"
image vda full - yes qcow2 file /var/backup/libvirt/db-2/nightly-20261206T010000Z/vda.qcow2
image vdb full - no qcow2 file /var/backup/libvirt/db-2/nightly-20261206T010000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20261206T010000Z
finish
