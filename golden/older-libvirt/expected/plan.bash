# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:e508f6d073c68de5135cfc302eb95e01bcca3d869a873e1c1e3c820fa01bac17 2026-12-05T00:00:00Z 2026-12-07T00:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
