# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:c7e4acef72ade2d19bfdb1cb16c05b459b0ee422a4c8c904e0a7ceac7fb4cfc3 2026-12-05T23:00:00Z 2026-12-08T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
