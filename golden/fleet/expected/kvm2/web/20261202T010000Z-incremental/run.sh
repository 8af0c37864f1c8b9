#!/usr/bin/env bash
# web: incremental at 2026-12-02T01:00:00Z (2026-12-02T02:00:00+01:00), policy nightly
#   vda: incremental since nightly-20261201T010000Z (changes since the last run, which was on kvm1: the checkpoint came along)
#   vdb: incremental since nightly-20261201T010000Z (changes since the last run, which was on kvm1: the checkpoint came along)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:5e843053311dbf5da413e773bee353563a0857a640767ed5eb7e24615560f38a 2026-12-01T23:00:00Z 2026-12-04T23:00:00Z
on_host kvm2
domain web 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 /var/backup/libvirt/web push
answers last-verified fail skip 21600 nightly
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/vdb.qcow2
point nightly-20261202T010000Z 2026-12-02T01:00:00Z incremental "$here"
image vda incremental nightly-20261201T010000Z yes qcow2 file /var/backup/libvirt/web/nightly-20261202T010000Z/vda.qcow2
image vdb incremental nightly-20261201T010000Z yes qcow2 file /var/backup/libvirt/web/nightly-20261202T010000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20261202T010000Z
finish
