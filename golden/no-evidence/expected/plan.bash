# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:dc9c42dc8094eb6a78def4a06ab92b8586ea5063fe6efed85ecab4930aa5e308 2026-12-01T23:00:00Z 2026-12-03T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
