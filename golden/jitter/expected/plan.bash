# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:b3ada62b1d3c4f660cf23c61f99ba7dc2573d9214708904b2e726b4f73adfd6e 2026-12-04T23:00:00Z 2026-12-07T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
