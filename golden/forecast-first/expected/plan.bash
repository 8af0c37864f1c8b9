# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:e2511b2ee2d3cc6fc5281559ba8ca4d19f4234199f0c96c2ae2eaa5e387d140f 2026-11-29T00:00:00Z 2026-12-07T00:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
