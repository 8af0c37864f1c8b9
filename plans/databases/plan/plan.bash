# What holds for every run of the policy databases. Sourced by each run.sh, never run.
plan databases sha256:b989f86edf49198ce39af32e1bbdba6fedae4581a964b4ca4f3539cd316a2cf5 2026-12-01T05:00:00Z 2026-12-11T05:00:00Z
answers last-verified full skip 21600 databases
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
