# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:976ad1e27d5123d6bb4e5014d4e431d9ba922e492063e6b469c55601242b6764 2026-12-05T23:00:00Z 2026-12-07T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
