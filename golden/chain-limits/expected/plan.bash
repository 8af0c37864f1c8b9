# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:adce71cf754bd42458fab67b17d65eb88911422263a0aed3ef45b5d2ebd3f813 2026-11-30T23:00:00Z 2026-12-09T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
