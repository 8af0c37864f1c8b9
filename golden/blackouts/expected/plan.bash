# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:336760a3bc8d1e1d9759eb7da60651044f191ec9d2b9820ab73ddc2bc1235a31 2026-12-19T23:00:00Z 2027-01-09T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
