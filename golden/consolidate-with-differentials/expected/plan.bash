# What holds for every run of the policy mixed. Sourced by each run.sh, never run.
plan mixed sha256:8ddd67272ae3d5dbdf97259eb8cc864e817fb19ccfb8a08fb9d9ba004ae36984 2026-11-30T23:00:00Z 2026-12-28T23:00:00Z
answers last-verified fail skip 21600 mixed continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
