#!/usr/bin/env bash
# web: incremental at 2026-12-05T01:00:00Z (2026-12-05T02:00:00+01:00), policy forever
#   vda: incremental since forever-20261204T010000Z (changes since the last run)
#   vdb: incremental since forever-20261204T010000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan forever sha256:5c0d1a763ecf6773951d0dcaac6b96afd991b798fe2537b8efbf41325b811df7 2026-11-30T23:00:00Z 2026-12-21T23:00:00Z
domain web 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 /var/backup/libvirt/web push
answers last-verified fail skip 21600 forever
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/vdb.qcow2
point forever-20261205T010000Z 2026-12-05T01:00:00Z incremental "$here"
image vda incremental forever-20261204T010000Z yes qcow2 file /var/backup/libvirt/web/forever-20261205T010000Z/vda.qcow2
image vdb incremental forever-20261204T010000Z yes qcow2 file /var/backup/libvirt/web/forever-20261205T010000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints forever-20261205T010000Z
finish
