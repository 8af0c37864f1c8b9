#!/usr/bin/env bash
# web: incremental at 2026-12-14T01:00:00Z (2026-12-14T02:00:00+01:00), policy mixed
#   vda: incremental since mixed-20261213T010000Z (changes since the last run)
#   vdb: incremental since mixed-20261213T010000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point mixed-20261214T010000Z 2026-12-14T01:00:00Z incremental "$here"
image vda incremental mixed-20261213T010000Z yes qcow2 file /var/backup/libvirt/web/mixed-20261214T010000Z/vda.qcow2
image vdb incremental mixed-20261213T010000Z yes qcow2 file /var/backup/libvirt/web/mixed-20261214T010000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints mixed-20261201T010000Z mixed-20261214T010000Z
consolidate 'mixed-20261201T010000Z mixed-20261206T010000Z mixed-20261212T010000Z mixed-20261213T010000Z mixed-20261214T010000Z' mixed-20261212T010000Z mixed-20261211T010000Z
prune_points 'mixed-20261201T010000Z mixed-20261206T010000Z mixed-20261212T010000Z mixed-20261213T010000Z mixed-20261214T010000Z' mixed-20261211T010000Z
finish
