#!/usr/bin/env bash
# pushed: full at 2026-12-05T02:00:00Z (2026-12-05T02:00:00Z), policy nightly
#   vda: full (first run of this policy)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:5dc569f68eef012d29d2c30f321ba96a82ebab5081b0e2a7e7189006d22fc0a9 2026-12-05T00:00:00Z 2026-12-07T00:00:00Z
domain pushed 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1d02 /var/backup/libvirt/pushed push
answers last-verified fail skip 21600 nightly
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
point nightly-20261205T020000Z 2026-12-05T02:00:00Z full "$here"
image vda full - yes qcow2 file /var/backup/libvirt/pushed/nightly-20261205T020000Z/vda.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20261205T020000Z
finish
