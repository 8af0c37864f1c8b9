#!/usr/bin/env bash
# web: incremental at 2026-12-07T01:00:00Z (2026-12-07T02:00:00+01:00), policy nightly
#   vda: incremental since nightly-20261206T010000Z (changes since the last run)
#   vdb: incremental since nightly-20261206T010000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:ff81cb9a5bdab11204c08cbc2d568341150005e59014fb33818ea2f6b1fbe436 2026-12-05T23:00:00Z 2026-12-08T23:00:00Z
domain web 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 /var/backup/libvirt/web pull
answers last-verified fail skip 21600 nightly
server unix /run/tidemark/web.sock
expect_disk vda block qcow2 /dev/vg0/vda
expect_disk vdb file qcow2 /var/lib/libvirt/images/vdb.qcow2
point nightly-20261207T010000Z 2026-12-07T01:00:00Z incremental "$here"
starts 2026-12-07T01:05:53Z
image vda incremental nightly-20261206T010000Z yes qcow2 file /var/backup/libvirt/web/nightly-20261207T010000Z/vda.qcow2 /var/tmp/scratch/web-vda.qcow2 vda backup-vda
image vdb incremental nightly-20261206T010000Z yes qcow2 block /dev/backup/web-vdb-20261207T010000Z /var/tmp/scratch/web-vdb.qcow2 vdb backup-vdb
start "$@"

check_host
create_images
begin_backup
copy_over_nbd
verify_images
write_manifest
retire_checkpoints nightly-20261207T010000Z
finish
