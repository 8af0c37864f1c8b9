# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:ae91acb63e9d6aec9d0087751312c8cb8ed466b251dcd979f62f82d0c35af727 2026-12-05T23:00:00Z 2026-12-07T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
