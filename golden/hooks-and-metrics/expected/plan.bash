# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:3eac90ee4d3c5194a0a3c0194c9560f185c8de3fcb726e4c162b1beee7d7836e 2026-12-04T23:00:00Z 2026-12-06T23:00:00Z
answers last-verified fail skip 21600 nightly continue
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
