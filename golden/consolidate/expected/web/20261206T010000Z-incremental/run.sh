#!/usr/bin/env bash
# web: incremental at 2026-12-06T01:00:00Z (2026-12-06T02:00:00+01:00), policy forever
#   vda: incremental since forever-20261205T010000Z (changes since the last run)
#   vdb: incremental since forever-20261205T010000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point forever-20261206T010000Z 2026-12-06T01:00:00Z incremental "$here"
image vda incremental forever-20261205T010000Z yes qcow2 file /var/backup/libvirt/web/forever-20261206T010000Z/vda.qcow2
image vdb incremental forever-20261205T010000Z yes qcow2 file /var/backup/libvirt/web/forever-20261206T010000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints forever-20261206T010000Z
consolidate 'forever-20261201T010000Z forever-20261203T010000Z forever-20261204T010000Z forever-20261205T010000Z forever-20261206T010000Z' forever-20261203T010000Z forever-20261202T010000Z
prune_points 'forever-20261201T010000Z forever-20261203T010000Z forever-20261204T010000Z forever-20261205T010000Z forever-20261206T010000Z' forever-20261202T010000Z
finish
