#!/usr/bin/env bash
# lib: full at 2026-12-06T01:00:00Z (2026-12-06T02:00:00+01:00), policy nightly
#   vda: full (the schedule says full)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:59890697d8ee8c83d29c4339c372069607638088d2983b653da16ff192e1792c 2026-12-05T23:00:00Z 2026-12-07T23:00:00Z
domain lib 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b02 "/var/backup/it's \"here\" & <there> \$HOME/%6Cib" push
answers last-verified fail skip 21600 nightly
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
point nightly-20261206T010000Z 2026-12-06T01:00:00Z full "$here"
image vda full - yes qcow2 file "/var/backup/it's \"here\" & <there> \$HOME/%6Cib/nightly-20261206T010000Z/vda.qcow2"
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20261206T010000Z
finish
