# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:44621f3345b15c3b9dc278be58e331e863fa3fc37abb4e87f7d7e17c1ba9cddb 2026-11-30T23:00:00Z 2026-12-09T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
