# What holds for every run of the policy forever. Sourced by each run.sh, never run.
plan forever sha256:ea708cdb1af716e37c916e59d1739cfd46ca9fcf4cf9a1234809bd22379dac46 2026-11-30T23:00:00Z 2026-12-21T23:00:00Z
answers last-verified fail skip 21600 forever continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
