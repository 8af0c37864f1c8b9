#!/usr/bin/env bash
# web: full at 2027-10-29T22:00:00Z (2027-10-30T00:00:00+02:00), policy nightly
#   vda: full (first run of this policy)
#   vdb: full (first run of this policy)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point nightly-20271029T220000Z 2027-10-29T22:00:00Z full "$here"
image vda full - yes qcow2 file /var/backup/libvirt/web/nightly-20271029T220000Z/vda.qcow2
image vdb full - yes qcow2 file /var/backup/libvirt/web/nightly-20271029T220000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20271029T220000Z
finish
