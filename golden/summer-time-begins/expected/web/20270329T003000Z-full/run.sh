#!/usr/bin/env bash
# web: full at 2027-03-29T00:30:00Z (2027-03-29T02:30:00+02:00), policy nightly
#   vda: full (the schedule says full)
#   vdb: full (the schedule says full)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:87917fe42f765927e895d60744e9841c9ffe1ab929db726b6f82edfb1f7f57b1 2027-03-26T23:00:00Z 2027-03-29T22:00:00Z
domain web 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 /var/backup/libvirt/web push
answers last-verified fail skip 21600 nightly
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/vdb.qcow2
point nightly-20270329T003000Z 2027-03-29T00:30:00Z full "$here"
image vda full - yes qcow2 file /var/backup/libvirt/web/nightly-20270329T003000Z/vda.qcow2
image vdb full - yes qcow2 file /var/backup/libvirt/web/nightly-20270329T003000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20270329T003000Z
finish
