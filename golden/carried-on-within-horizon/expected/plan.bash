# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:fa055dc54a01e4c29aca921d9b641e12b20bde7b96b19a6f917d8809e057482e 2026-11-28T23:00:00Z 2026-12-06T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
