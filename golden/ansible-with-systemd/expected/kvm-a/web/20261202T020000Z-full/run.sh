#!/usr/bin/env bash
# web: full at 2026-12-02T02:00:00Z (2026-12-02T02:00:00Z), policy nightly
#   vda: full (the schedule says full)
#   vdb: full (the schedule says full)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:f827fa6c55f97eb08dc9af7271ad7ef90bd5360910811194aff8c33839cf93b4 2026-12-02T00:00:00Z 2026-12-03T00:00:00Z
on_host kvm-a
domain web 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b11 /srv/backup/kvm-a/web push
answers last-verified fail skip 21600 nightly
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/vdb.qcow2
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
