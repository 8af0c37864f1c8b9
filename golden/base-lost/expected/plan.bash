# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:ca78df594c92792fa95d27152931e629b119ebde14b7a6f14e0f4799580028fe 2026-12-01T23:00:00Z 2026-12-04T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
