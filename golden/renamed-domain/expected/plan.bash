# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:940d7e046a31bb6f7ae77b44e5d33f4092c393e63cc6301dc5d6d653b6973f39 2026-12-01T23:00:00Z 2026-12-06T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
