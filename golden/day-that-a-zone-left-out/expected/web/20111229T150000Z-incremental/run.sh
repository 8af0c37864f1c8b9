#!/usr/bin/env bash
# web: incremental at 2011-12-29T15:00:00Z (2011-12-29T05:00:00-10:00), policy nightly
#   vda: incremental since nightly-20111228T150000Z (changes since the last run)
#   vdb: incremental since nightly-20111228T150000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:2d3599d31e87e7f57415dc0bc4c1c7f0d111fea3af9616d7a0d3075e3ffb2e60 2011-12-28T10:00:00Z 2012-01-01T10:00:00Z
domain web 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 /var/backup/libvirt/web push
answers last-verified fail skip 21600 nightly
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/vdb.qcow2
point nightly-20111229T150000Z 2011-12-29T15:00:00Z incremental "$here"
image vda incremental nightly-20111228T150000Z yes qcow2 file /var/backup/libvirt/web/nightly-20111229T150000Z/vda.qcow2
image vdb incremental nightly-20111228T150000Z yes qcow2 file /var/backup/libvirt/web/nightly-20111229T150000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20111229T150000Z
finish
