# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:cd61a67f367acf43c65b11a00d8416ae7ba63af6f252fef497b39aa7af70419c 2026-12-05T00:00:00Z 2026-12-07T00:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
