# What holds for every run of the policy hourly. Sourced by each run.sh, never run.
plan hourly sha256:80106ed48649397aa26167d865bd867a5344526136ea6ebc4947e56182790714 2026-11-01T03:00:00Z 2026-11-01T10:00:00Z
answers last-verified fail skip 21600 hourly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
