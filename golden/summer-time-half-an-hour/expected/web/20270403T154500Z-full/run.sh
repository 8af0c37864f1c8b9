#!/usr/bin/env bash
# web: full at 2027-04-03T15:45:00Z (2027-04-04T02:15:00+10:30), policy nightly
#   vda: full (the schedule says full)
#   vdb: full (the schedule says full)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point nightly-20270403T154500Z 2027-04-03T15:45:00Z full "$here"
image vda full - no qcow2 file /var/backup/libvirt/web/nightly-20270403T154500Z/vda.qcow2
image vdb full - no qcow2 file /var/backup/libvirt/web/nightly-20270403T154500Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
finish
