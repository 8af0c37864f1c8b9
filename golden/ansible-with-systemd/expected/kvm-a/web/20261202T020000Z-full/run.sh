#!/usr/bin/env bash
# web: full at 2026-12-02T02:00:00Z (2026-12-02T02:00:00Z), policy nightly
#   vda: full (the schedule says full)
#   vdb: full (the schedule says full)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point nightly-20261202T020000Z 2026-12-02T02:00:00Z full "$here"
image vda full - no qcow2 file /srv/backup/kvm-a/web/nightly-20261202T020000Z/vda.qcow2
image vdb full - no qcow2 file /srv/backup/kvm-a/web/nightly-20261202T020000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
finish
