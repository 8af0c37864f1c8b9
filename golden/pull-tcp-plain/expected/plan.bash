# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:f6debc1b7996b2d5a715e96c9a3981e1862f7c4696fc43bb33843ceecfd1c7ab 2026-12-05T23:00:00Z 2026-12-06T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
