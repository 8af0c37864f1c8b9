#!/usr/bin/env bash
# web: incremental at 2027-03-29T04:00:00Z (2027-03-29T06:00:00+02:00), policy nightly
#   vda: incremental since nightly-20270329T003000Z (changes since the last run)
#   vdb: incremental since nightly-20270329T003000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point nightly-20270329T040000Z 2027-03-29T04:00:00Z incremental "$here"
image vda incremental nightly-20270329T003000Z yes qcow2 file /var/backup/libvirt/web/nightly-20270329T040000Z/vda.qcow2
image vdb incremental nightly-20270329T003000Z yes qcow2 file /var/backup/libvirt/web/nightly-20270329T040000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20270329T040000Z
prune_points 'nightly-20270328T010000Z nightly-20270328T040000Z nightly-20270328T100000Z nightly-20270328T160000Z nightly-20270328T220000Z nightly-20270329T003000Z nightly-20270329T040000Z' nightly-20270327T230000Z nightly-20270327T170000Z nightly-20270327T110000Z nightly-20270327T050000Z nightly-20270327T013000Z
finish
