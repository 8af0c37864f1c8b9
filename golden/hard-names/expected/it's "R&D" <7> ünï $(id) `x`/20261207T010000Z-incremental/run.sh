#!/usr/bin/env bash
# it's "R&D" <7> ünï $(id) `x`: incremental at 2026-12-07T01:00:00Z (2026-12-07T02:00:00+01:00), policy nightly
#   vda: incremental since nightly-20261206T010000Z (changes since the last run)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:59890697d8ee8c83d29c4339c372069607638088d2983b653da16ff192e1792c 2026-12-05T23:00:00Z 2026-12-07T23:00:00Z
domain "it's \"R&D\" <7> ünï \$(id) \`x\`" 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b01 "/var/backup/it's \"here\" & <there> \$HOME/it's \"R&D\" <7> ünï \$(id) \`x\`" push
answers last-verified fail skip 21600 nightly
expect_disk vda file qcow2 "/images/a 'b' \"c\" & <d>.qcow2"
point nightly-20261207T010000Z 2026-12-07T01:00:00Z incremental "$here"
image vda incremental nightly-20261206T010000Z yes qcow2 file "/var/backup/it's \"here\" & <there> \$HOME/it's \"R&D\" <7> ünï \$(id) \`x\`/nightly-20261207T010000Z/vda.qcow2"
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20261207T010000Z
finish
