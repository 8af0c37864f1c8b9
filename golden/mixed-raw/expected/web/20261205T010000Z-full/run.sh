#!/usr/bin/env bash
# web: full at 2026-12-05T01:00:00Z (2026-12-05T02:00:00+01:00), policy nightly
#   vda: full (first run of this policy)
#   vdb: full (first run of this policy)
#   vdc: full (checkpoint: false in the policy)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:10ae72603e1871b8af6032b63cc9190274ab4a51ab6d57e4f9911db41c8b8cd8 2026-12-04T23:00:00Z 2026-12-08T23:00:00Z
domain web 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 /var/backup/libvirt/web push
answers last-verified fail skip 21600 nightly
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/vdb.qcow2
expect_disk vdc file raw /var/lib/libvirt/images/vdc.raw
point nightly-20261205T010000Z 2026-12-05T01:00:00Z full "$here"
image vda full - yes qcow2 file /var/backup/libvirt/web/nightly-20261205T010000Z/vda.qcow2
image vdb full - yes qcow2 file /var/backup/libvirt/web/nightly-20261205T010000Z/vdb.qcow2
image vdc full - no qcow2 file /var/backup/libvirt/web/nightly-20261205T010000Z/vdc.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20261205T010000Z
finish
