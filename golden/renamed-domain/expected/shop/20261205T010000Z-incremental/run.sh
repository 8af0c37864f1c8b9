#!/usr/bin/env bash
# shop: incremental at 2026-12-05T01:00:00Z (2026-12-05T02:00:00+01:00), policy nightly
#   vda: incremental since nightly-20261204T010000Z (changes since the last run)
#   vdb: incremental since nightly-20261204T010000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point nightly-20261205T010000Z 2026-12-05T01:00:00Z incremental "$here"
image vda incremental nightly-20261204T010000Z yes qcow2 file /var/backup/libvirt/shop/nightly-20261205T010000Z/vda.qcow2
image vdb incremental nightly-20261204T010000Z yes qcow2 file /var/backup/libvirt/shop/nightly-20261205T010000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20261205T010000Z
finish
