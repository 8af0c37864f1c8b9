# What holds for every run of the policy forever. Sourced by each run.sh, never run.
plan forever sha256:02028e4a3fcdb5e29360a3e32d7a6e3758154fa83ade9476aaf2484d2c02ffe4 2026-11-30T23:00:00Z 2026-12-21T23:00:00Z
answers last-verified fail skip 21600 forever
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
