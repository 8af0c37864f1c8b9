#!/usr/bin/env bash
# web: full at 2026-12-15T01:00:00Z (2026-12-15T02:00:00+01:00), policy mixed
#   vda: full (the schedule says full)
#   vdb: full (the schedule says full)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point mixed-20261215T010000Z 2026-12-15T01:00:00Z full "$here"
image vda full - yes qcow2 file /var/backup/libvirt/web/mixed-20261215T010000Z/vda.qcow2
image vdb full - yes qcow2 file /var/backup/libvirt/web/mixed-20261215T010000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints mixed-20261215T010000Z
prune_points 'mixed-20261206T010000Z mixed-20261213T010000Z mixed-20261214T010000Z mixed-20261215T010000Z' mixed-20261212T010000Z
finish
