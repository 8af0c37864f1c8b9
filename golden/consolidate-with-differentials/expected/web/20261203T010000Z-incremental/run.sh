#!/usr/bin/env bash
# web: incremental at 2026-12-03T01:00:00Z (2026-12-03T02:00:00+01:00), policy mixed
#   vda: incremental since mixed-20261202T010000Z (changes since the last run)
#   vdb: incremental since mixed-20261202T010000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan mixed sha256:41b8b60ccb84b20e53749d485261fe93baf3fd9e34a8155fe8b4baab1c7f6201 2026-11-30T23:00:00Z 2026-12-28T23:00:00Z
domain web 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 /var/backup/libvirt/web push
answers last-verified fail skip 21600 mixed
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/vdb.qcow2
point mixed-20261203T010000Z 2026-12-03T01:00:00Z incremental "$here"
image vda incremental mixed-20261202T010000Z yes qcow2 file /var/backup/libvirt/web/mixed-20261203T010000Z/vda.qcow2
image vdb incremental mixed-20261202T010000Z yes qcow2 file /var/backup/libvirt/web/mixed-20261203T010000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints mixed-20261201T010000Z mixed-20261203T010000Z
finish
