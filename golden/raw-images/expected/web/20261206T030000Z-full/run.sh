#!/usr/bin/env bash
# web: full at 2026-12-06T03:00:00Z (2026-12-06T04:00:00+01:00), policy nightly
#   vda: full (the schedule says full)
#   vdb: full (the schedule says full)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:ad8dd199b1b8affc8bd08626afde14c87f8fc78b608763a7f489d7ce1280e28a 2026-12-04T23:00:00Z 2026-12-08T23:00:00Z
domain web 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 /var/backup/libvirt/web push
answers last-verified fail skip 21600 nightly
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/vdb.qcow2
point nightly-20261206T030000Z 2026-12-06T03:00:00Z full "$here"
image vda full - no raw file /var/backup/libvirt/web/nightly-20261206T030000Z/vda.raw
image vdb full - no raw file /var/backup/libvirt/web/nightly-20261206T030000Z/vdb.raw
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
prune_points nightly-20261206T030000Z nightly-20261205T030000Z
finish
