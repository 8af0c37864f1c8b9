# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:4e8f1a56d0d49d3a6a7bd89ee2c7ea8896d3e4d366beaa3a42e4015ed3a5059d 2026-12-05T23:00:00Z 2026-12-07T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
