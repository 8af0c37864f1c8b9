# What holds for every run of the policy databases. Sourced by each run.sh, never run.
plan databases sha256:7f6d86912c1e1579aaed1189cc16da47d365a1aa459ad8d448bc3d26c4e2d0a2 2026-12-01T05:00:00Z 2026-12-11T05:00:00Z
answers last-verified full skip 21600 databases continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
