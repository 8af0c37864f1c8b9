#!/usr/bin/env bash
# web: full at 2026-12-02T01:00:00Z (2026-12-02T02:00:00+01:00), policy nightly
#   vda: full (first run of this policy)
#   vdb: full (first run of this policy)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:8928282e9b8d47413dd3264decbed39f8ef982ddf95932296a03f50f664f6c87 2026-12-01T23:00:00Z 2026-12-03T23:00:00Z
on_host kvm-b
domain web 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b12 /srv/backup/kvm-b/web push
answers last-verified fail skip 21600 nightly
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
expect_disk vdb file qcow2 /var/lib/libvirt/images/vdb.qcow2
point nightly-20261202T010000Z 2026-12-02T01:00:00Z full "$here"
starts 2026-12-02T01:08:49Z
image vda full - yes qcow2 file /srv/backup/kvm-b/web/nightly-20261202T010000Z/vda.qcow2
image vdb full - yes qcow2 file /srv/backup/kvm-b/web/nightly-20261202T010000Z/vdb.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20261202T010000Z
finish
