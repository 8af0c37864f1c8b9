# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:73514c5771359dd56c199f1a4da0d505a0e86e496a38a2f17900dffea8b8b061 2026-12-04T23:00:00Z 2026-12-06T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
