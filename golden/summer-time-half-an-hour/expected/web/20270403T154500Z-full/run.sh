#!/usr/bin/env bash
# web: full at 2027-04-03T15:45:00Z (2027-04-04T02:15:00+10:30), policy nightly
#   vda: full (the schedule says full)
#   vdb: full (the schedule says full)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:42deb43926899676019a07f6df378a0277c5a4ce3251ea322ee8a01c09eddd01 2027-04-02T13:00:00Z 2027-04-05T13:30:00Z
domain web 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 /var/backup/libvirt/web push
answers last-verified fail skip 21600 nightly
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/vdb.qcow2
point nightly-20270403T154500Z 2027-04-03T15:45:00Z full "$here"
image vda full - no qcow2 file /var/backup/libvirt/web/nightly-20270403T154500Z/vda.qcow2
image vdb full - no qcow2 file /var/backup/libvirt/web/nightly-20270403T154500Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
finish
