#!/usr/bin/env bash
# {point} {disk}: incremental at 2026-12-07T01:00:00Z (2026-12-07T02:00:00+01:00), policy nightly
#   vda: incremental since nightly-20261206T010000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point nightly-20261207T010000Z 2026-12-07T01:00:00Z incremental "$here"
image vda incremental nightly-20261206T010000Z yes qcow2 file "/var/backup/it's \"here\" & <there> \$HOME/{point} {disk}/nightly-20261207T010000Z/vda.qcow2"
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20261207T010000Z
finish
