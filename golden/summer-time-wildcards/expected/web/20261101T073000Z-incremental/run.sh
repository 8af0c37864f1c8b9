#!/usr/bin/env bash
# web: incremental at 2026-11-01T07:30:00Z (2026-11-01T02:30:00-05:00), policy hourly
#   vda: incremental since hourly-20261101T054000Z (changes since the last run)
#   vdb: incremental since hourly-20261101T054000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point hourly-20261101T073000Z 2026-11-01T07:30:00Z incremental "$here"
image vda incremental hourly-20261101T054000Z yes qcow2 file /var/backup/libvirt/web/hourly-20261101T073000Z/vda.qcow2
image vdb incremental hourly-20261101T054000Z yes qcow2 file /var/backup/libvirt/web/hourly-20261101T073000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints hourly-20261101T073000Z
finish
