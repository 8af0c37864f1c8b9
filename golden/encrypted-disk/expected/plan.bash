# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:fa3f89148e14a76f9e1977a0f88647455188bde91a703d10d7d49e2d5b071ce3 2026-12-04T23:00:00Z 2026-12-06T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
