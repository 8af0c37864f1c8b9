# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:7b38cba882ad81390b275a560abe4bbed3ad63a6284e5d3a7f1ff6c239eb6034 2026-11-30T23:00:00Z 2026-12-09T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
