#!/usr/bin/env bash
# pushed: incremental at 2026-12-06T02:00:00Z (2026-12-06T02:00:00Z), policy nightly
#   vda: incremental since nightly-20261205T020000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point nightly-20261206T020000Z 2026-12-06T02:00:00Z incremental "$here"
image vda incremental nightly-20261205T020000Z yes qcow2 file /var/backup/libvirt/pushed/nightly-20261206T020000Z/vda.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20261206T020000Z
finish
