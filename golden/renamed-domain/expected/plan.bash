# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:ba9756da68784ac884e52e3d6151443f5425d398595361b83f502cafec1dc73c 2026-12-01T23:00:00Z 2026-12-06T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
