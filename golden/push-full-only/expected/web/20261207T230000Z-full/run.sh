#!/usr/bin/env bash
# web: full at 2026-12-07T23:00:00Z (2026-12-08T00:00:00+01:00), policy nightly
#   vda: full (the schedule says full)
#   vdb: full (the schedule says full)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:8f0963c29d635f8b54715b1b64145d1c0a26c8277069a70f7205e6f7ee09ac09 2026-12-04T23:00:00Z 2026-12-08T23:00:00Z
domain web 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 /var/backup/libvirt/web push
answers last-verified fail skip 21600 nightly
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/vdb.qcow2
expect_disk sda file raw ''
point nightly-20261207T230000Z 2026-12-07T23:00:00Z full "$here"
image vda full - no qcow2 file /var/backup/libvirt/web/nightly-20261207T230000Z/vda.qcow2
image vdb full - no qcow2 file /var/backup/libvirt/web/nightly-20261207T230000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
prune_points 'nightly-20261206T230000Z nightly-20261207T230000Z' nightly-20261205T230000Z
finish
