#!/usr/bin/env bash
# web: incremental at 2026-11-01T05:30:00Z (2026-11-01T01:30:00-04:00), policy hourly
#   vda: incremental since hourly-20261101T052000Z (changes since the last run)
#   vdb: incremental since hourly-20261101T052000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan hourly sha256:db2eb9aa1ef09a00f198f78435407b128e254a54e789fec7411e23f7295c1864 2026-11-01T03:00:00Z 2026-11-01T10:00:00Z
domain web 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 /var/backup/libvirt/web push
answers last-verified fail skip 21600 hourly
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/vdb.qcow2
point hourly-20261101T053000Z 2026-11-01T05:30:00Z incremental "$here"
image vda incremental hourly-20261101T052000Z yes qcow2 file /var/backup/libvirt/web/hourly-20261101T053000Z/vda.qcow2
image vdb incremental hourly-20261101T052000Z yes qcow2 file /var/backup/libvirt/web/hourly-20261101T053000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints hourly-20261101T053000Z
finish
