# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:9e49d8d05aeef59ec70edea5cee9f6665525cf694523ff2e6ebc49cac87461a7 2026-12-05T23:00:00Z 2026-12-07T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
