# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:c12777f5a9261b009abed0b7f22bc763c7c294b2b7f4840ea9a6d18ad832178a 2026-12-04T23:00:00Z 2026-12-07T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
