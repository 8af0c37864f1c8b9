# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:ab8c30c03270e670aa8cfe1ed38b7996b2c3e09cce23d864dc49d1146f173657 2026-12-01T23:00:00Z 2026-12-15T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
