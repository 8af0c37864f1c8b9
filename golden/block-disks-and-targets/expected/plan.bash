# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:8ec60a55e819cd8d1d85fde5bd13cece806774c09793e685495728a87924d8d9 2026-12-05T23:00:00Z 2026-12-07T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
