# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:8ce15b1d5ff7c4971f5798755bcf3f6e6a1b409eafc5e9b4e023ca219c444bef 2026-12-04T23:00:00Z 2026-12-08T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
