# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:8a55c8d167af63a7cb8f6a6320b0d23834735d6c7457cea7eebc15cbeb8c21bd 2026-11-30T23:00:00Z 2026-12-14T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
