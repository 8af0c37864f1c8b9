# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:f69daf9e98abf7e60e87f14b764bdea2460d4a2a9e05f08fcda686fdddfa3b58 2026-12-04T23:00:00Z 2026-12-08T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
