# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:238ef33509bc7329ee118efe39494c8a15980a6b6df2106afdf60c7d8dc103d6 2026-12-01T23:00:00Z 2026-12-11T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
