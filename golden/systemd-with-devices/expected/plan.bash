# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:2382cd1aa6efed875503b307420b2813ff280852a9c15578c344edd3b4dccccf 2026-12-05T23:00:00Z 2026-12-08T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
