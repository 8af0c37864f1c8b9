# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:d857c6cd42faf4c2e96f83a8ec60f41fdb945f27b9f5438bcb9182af4fafeaa7 2026-12-01T23:00:00Z 2026-12-07T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
