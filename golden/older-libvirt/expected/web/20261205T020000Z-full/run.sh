#!/usr/bin/env bash
# web: full at 2026-12-05T02:00:00Z (2026-12-05T02:00:00Z), policy nightly
#   vda: full (the schedule says full)
#   vdb: full (the schedule says full)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:3eccc54b8644aa80f3d2755c22df35e1f6ce9d1145ee815ddd92328ff5b11aa6 2026-12-05T00:00:00Z 2026-12-07T00:00:00Z
domain web 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1e01 /var/backup/libvirt/web push
answers last-verified fail skip 21600 nightly
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
expect_disk vdb file raw /var/lib/libvirt/images/vdb.raw
point nightly-20261205T020000Z 2026-12-05T02:00:00Z full "$here"
image vda full - no qcow2 file /var/backup/libvirt/web/nightly-20261205T020000Z/vda.qcow2
image vdb full - no qcow2 file /var/backup/libvirt/web/nightly-20261205T020000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
finish
