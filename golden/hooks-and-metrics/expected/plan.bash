# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:d20d04625db5210f40b1917e5bd417044066d0a4fa2095dec758c1d5a4c31c1d 2026-12-04T23:00:00Z 2026-12-06T23:00:00Z
answers last-verified fail skip 21600 nightly
hook before "mountpoint -q '/var/backup' || { echo \"it's \\\"not\\\" there\" >&2; exit 1; }"
hook after "umount /mnt/\`hostname\`"
hook onSuccess "curl -fsS -m 10 --data-urlencode \"domain=\$TIDEMARK_DOMAIN\" \"https://watchdog.example/\$TIDEMARK_UUID\""
hook onFailure "printf '%s\\n' \"\$TIDEMARK_DOMAIN: \$TIDEMARK_STATUS, \$(date)\" | mail -s \"backup & <|> failed\" root"
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750
metrics "/var/lib/it's \"node\" \$(exporter)"

loaded plan
