# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:0d95b1ddf32ee38d61866f1672968471c972c6dd7d6736b19ac03028cf3cd8cf 2026-12-05T23:00:00Z 2026-12-06T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
