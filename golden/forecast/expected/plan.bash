# What holds for every run of the policy forever. Sourced by each run.sh, never run.
plan forever sha256:5cacb54ca4c59690105ad6f4b6900cac7296d39ee327436b3e27e0764276193a 2026-11-30T23:00:00Z 2026-12-21T23:00:00Z
answers last-verified fail skip 21600 forever
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
