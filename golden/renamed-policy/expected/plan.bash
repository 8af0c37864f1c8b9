# What holds for every run of the policy nights. Sourced by each run.sh, never run.
plan nights sha256:20f7159c0a3e8d72a13ac546c33eda9274347fe605e00e817b92551f50792a8f 2026-12-01T23:00:00Z 2026-12-03T23:00:00Z
answers last-verified fail skip 21600 'nights nightly'
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
