#!/usr/bin/env bash
# mail: incremental at 2027-03-29T00:00:00Z (2027-03-29T02:00:00+02:00), policy nightly
#   vda: incremental since nightly-20270328T010000Z (changes since the last run)
#   vdb: incremental since nightly-20270328T010000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point nightly-20270329T000000Z 2027-03-29T00:00:00Z incremental "$here"
image vda incremental nightly-20270328T010000Z yes qcow2 file /mnt/vault/6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b13/nightly-20270329T000000Z/vda.qcow2
image vdb incremental nightly-20270328T010000Z yes qcow2 file /mnt/vault/6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b13/nightly-20270329T000000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20270329T000000Z
finish
