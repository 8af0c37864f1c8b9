#!/usr/bin/env bash
# {point} {disk}: full at 2026-12-06T01:00:00Z (2026-12-06T02:00:00+01:00), policy nightly
#   vda: full (the schedule says full)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point nightly-20261206T010000Z 2026-12-06T01:00:00Z full "$here"
image vda full - yes qcow2 file "/var/backup/it's \"here\" & <there> \$HOME/{point} {disk}/nightly-20261206T010000Z/vda.qcow2"
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20261206T010000Z
finish
