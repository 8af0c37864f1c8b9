# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:b25a2f03f38bf2624f2a6863c0e2b9416d68bd5df173e317caa0fd2c15ddc60c 2026-12-04T23:00:00Z 2026-12-07T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
