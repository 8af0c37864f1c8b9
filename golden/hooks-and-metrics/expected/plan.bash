# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:c717b132ef66b41cf044fbda46b016b5d0317f404855db89bb1a4bde0fef6c5b 2026-12-04T23:00:00Z 2026-12-06T23:00:00Z
hook before "mountpoint -q '/var/backup' || { echo \"it's \\\"not\\\" there\" >&2; exit 1; }"
hook after "umount /mnt/\`hostname\`"
hook onSuccess "curl -fsS -m 10 --data-urlencode \"domain=\$TIDEMARK_DOMAIN\" \"https://watchdog.example/\$TIDEMARK_UUID\""
hook onFailure "printf '%s\\n' \"\$TIDEMARK_DOMAIN: \$TIDEMARK_STATUS, \$(date)\" | mail -s \"backup & <|> failed\" root"
metrics "/var/lib/it's \"node\" \$(exporter)"

loaded plan
