# What holds for every run of the policy mixed. Sourced by each run.sh, never run.
plan mixed sha256:d1113d2be66d8fd8459a94657c76d3d4d8a7c93523854644516ab2c94497d864 2026-11-30T23:00:00Z 2026-12-28T23:00:00Z
answers last-verified fail skip 21600 mixed
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
