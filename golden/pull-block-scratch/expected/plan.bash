# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:8855aa2d87a387a7ab40ab1336b64fff8698637e6835a29083d4acb17374fb40 2026-12-05T23:00:00Z 2026-12-07T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
