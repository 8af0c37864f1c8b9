#!/usr/bin/env bash
# mail: incremental at 2026-12-08T01:00:00Z (2026-12-08T02:00:00+01:00), policy nightly
#   vda: incremental since nightly-20261207T010000Z (changes since the last run)
#   vdb: full (checkpoint: false in the policy)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point nightly-20261208T010000Z 2026-12-08T01:00:00Z incremental "$here"
image vda incremental nightly-20261207T010000Z yes qcow2 file /var/backup/libvirt/mail/nightly-20261208T010000Z/vda.qcow2
image vdb full - no qcow2 file /var/backup/libvirt/mail/nightly-20261208T010000Z/vdb.qcow2
start "$@"

check_host
create_images
freeze fail
begin_backup
thaw
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20261208T010000Z
finish
