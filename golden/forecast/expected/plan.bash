# What holds for every run of the policy forever. Sourced by each run.sh, never run.
plan forever sha256:7fce64d6f4e7f19ba617d290a5870ac378385f065e914e51a50755b50c936ec8 2026-11-30T23:00:00Z 2026-12-21T23:00:00Z
answers last-verified fail skip 21600 forever continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
