# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:4ab496988cf515b8dd2d9b5ff0537acb6f02977005aa889ee3ca74a0ade1d789 2026-12-05T23:00:00Z 2026-12-08T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
