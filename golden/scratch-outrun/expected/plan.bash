# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:d9e0788f0c04f7bd1f52a2a83b34b20cf685bd0dfeb6b7358a0127fb90226cc0 2026-12-01T00:00:00Z 2026-12-04T00:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
