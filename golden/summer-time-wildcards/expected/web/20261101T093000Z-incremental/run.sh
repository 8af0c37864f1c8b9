#!/usr/bin/env bash
# web: incremental at 2026-11-01T09:30:00Z (2026-11-01T04:30:00-05:00), policy hourly
#   vda: incremental since hourly-20261101T083000Z (changes since the last run)
#   vdb: incremental since hourly-20261101T083000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point hourly-20261101T093000Z 2026-11-01T09:30:00Z incremental "$here"
image vda incremental hourly-20261101T083000Z yes qcow2 file /var/backup/libvirt/web/hourly-20261101T093000Z/vda.qcow2
image vdb incremental hourly-20261101T083000Z yes qcow2 file /var/backup/libvirt/web/hourly-20261101T093000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints hourly-20261101T093000Z
prune_points 'hourly-20261101T050000Z hourly-20261101T052000Z hourly-20261101T053000Z hourly-20261101T054000Z hourly-20261101T073000Z hourly-20261101T083000Z hourly-20261101T093000Z' hourly-20261101T043000Z hourly-20261101T033000Z
finish
