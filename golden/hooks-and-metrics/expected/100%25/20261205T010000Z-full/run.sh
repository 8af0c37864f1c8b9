#!/usr/bin/env bash
# 100%: full at 2026-12-05T01:00:00Z (2026-12-05T02:00:00+01:00), policy nightly
#   vda: full (first run of this policy)
set -euo pipefail
here=$(cd -- "$(dirname -- "${BASH_SOURCE[0]}")" && pwd -P)
source "$here/../../lib/run.bash"

plan nightly sha256:c717b132ef66b41cf044fbda46b016b5d0317f404855db89bb1a4bde0fef6c5b 2026-12-04T23:00:00Z 2026-12-06T23:00:00Z
domain 100% 6f1f2c1e-5f6a-4d0e-9a53-0c6a5f0e1b04 /var/backup/libvirt/100%25 push
answers last-verified fail skip 21600 nightly
hook before "mountpoint -q '/var/backup' || { echo \"it's \\\"not\\\" there\" >&2; exit 1; }"
hook after "umount /mnt/\`hostname\`"
hook onSuccess "curl -fsS -m 10 --data-urlencode \"domain=\$TIDEMARK_DOMAIN\" \"https://watchdog.example/\$TIDEMARK_UUID\""
hook onFailure "printf '%s\\n' \"\$TIDEMARK_DOMAIN: \$TIDEMARK_STATUS, \$(date)\" | mail -s \"backup & <|> failed\" root"
metrics "/var/lib/it's \"node\" \$(exporter)"
expect_disk vda file qcow2 /var/lib/libvirt/images/vda.qcow2
point nightly-20261205T010000Z 2026-12-05T01:00:00Z full "$here"
image vda full - yes qcow2 file /var/backup/libvirt/100%25/nightly-20261205T010000Z/vda.qcow2
start "$@"

check_host
create_images
begin_backup
wait_for_job
verify_images
write_manifest
retire_checkpoints nightly-20261205T010000Z
finish
