#!/usr/bin/env bash
# web: incremental at 2026-12-07T02:00:00Z (2026-12-07T03:00:00+01:00), policy nightly
#   vda: incremental since nightly-20261207T010000Z (changes since the last run)
#   vdb: incremental since nightly-20261207T010000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:6188ade0a9ce03b3b9ed2ae3b00fc4e6c8c5617216423010850e00bf0319b3ae 2026-12-04T23:00:00Z 2026-12-07T23:00:00Z
domain web 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 /var/backup/libvirt/web push
answers last-verified fail skip 21600 nightly
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/vdb.qcow2
point nightly-20261207T020000Z 2026-12-07T02:00:00Z incremental "$here"
starts 2026-12-07T02:02:56Z
image vda incremental nightly-20261207T010000Z yes qcow2 file /var/backup/libvirt/web/nightly-20261207T020000Z/vda.qcow2
image vdb incremental nightly-20261207T010000Z yes qcow2 file /var/backup/libvirt/web/nightly-20261207T020000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20261207T020000Z
finish
