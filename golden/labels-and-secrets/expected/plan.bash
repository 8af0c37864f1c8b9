# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:a9b3fbaf76612aa3b85ed06a67b4ebeff0bc7209decf09720259c159077f7e50 2026-12-05T00:00:00Z 2026-12-07T00:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
