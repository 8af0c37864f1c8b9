#!/usr/bin/env bash
# db: incremental at 2026-12-06T13:00:00Z (2026-12-06T14:00:00+01:00), policy nightly
#   vda: incremental since nightly-20261206T070000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"
source "$here/../../plan.bash"
source "$here/../domain.bash"

point nightly-20261206T130000Z 2026-12-06T13:00:00Z incremental "$here"
starts 2026-12-07T00:36:42Z
image vda incremental nightly-20261206T070000Z yes qcow2 file /var/backup/libvirt/db/nightly-20261206T130000Z/vda.qcow2 /scratch/db-vda.qcow2 vda backup-vda
start "$@"

check_host
create_images
begin_backup
copy_over_nbd
verify_images
write_manifest
retire_checkpoints nightly-20261206T130000Z
finish
