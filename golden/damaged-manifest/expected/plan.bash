# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:aff2bf77ce0ff7e09fbee0e7253ab04c07463314e198d37e15816bf43a8a528e 2026-12-01T23:00:00Z 2026-12-07T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
