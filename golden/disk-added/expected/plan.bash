# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:bfacb6b3961a2162ae31fe3f5ec67121dfd4895d4737ecf0d2fc78e8b1689de9 2026-12-01T23:00:00Z 2026-12-03T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
