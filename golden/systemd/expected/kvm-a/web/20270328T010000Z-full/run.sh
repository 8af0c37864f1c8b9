#!/usr/bin/env bash
# web: full at 2027-03-28T01:00:00Z (2027-03-28T03:00:00+02:00), policy nightly
#   vda: full (the schedule says full)
#   vdb: full (the schedule says full)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point nightly-20270328T010000Z 2027-03-28T01:00:00Z full "$here"
image vda full - yes qcow2 file /mnt/vault/6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b11/nightly-20270328T010000Z/vda.qcow2
image vdb full - yes qcow2 file /mnt/vault/6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b11/nightly-20270328T010000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20270328T010000Z
finish
