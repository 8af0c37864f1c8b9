# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:836af242c703dfee9621a706f7d3fc8ce8d1a51c9ec381036a3621e0a0fddc3c 2026-12-05T23:00:00Z 2026-12-06T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
