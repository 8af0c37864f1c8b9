#!/usr/bin/env bash
# mail: incremental at 2026-12-05T01:00:00Z (2026-12-05T02:00:00+01:00), policy nightly
#   vda: incremental since nightly-20261204T010000Z (changes since the last run)
#   vdb: full (checkpoint: false in the policy)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:356e112695c8a8e5df15c3814da7c4bd302acfddb015101a5eb09630594ad9a7 2026-11-30T23:00:00Z 2026-12-14T23:00:00Z
domain mail 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1a02 /var/backup/libvirt/mail push
answers last-verified fail skip 21600 nightly
expect_disk vda file qcow2 /var/lib/libvirt/images/mail-vda.qcow2
expect_disk vdb file raw /var/lib/libvirt/images/mail-vdb.raw
point nightly-20261205T010000Z 2026-12-05T01:00:00Z incremental "$here"
image vda incremental nightly-20261204T010000Z yes qcow2 file /var/backup/libvirt/mail/nightly-20261205T010000Z/vda.qcow2
image vdb full - no qcow2 file /var/backup/libvirt/mail/nightly-20261205T010000Z/vdb.qcow2
start "$@"

check_host
create_images
freeze fail
begin_backup
thaw
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20261205T010000Z
finish
