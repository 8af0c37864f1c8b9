# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:1938aa4180afa1bbad460db387a6468545e972f7a42a83e946289ad1f74a86d1 2026-12-01T23:00:00Z 2026-12-03T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
