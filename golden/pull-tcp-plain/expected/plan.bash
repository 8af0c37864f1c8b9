# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:6f0245cef1584eac76c4f61c7bb225430cf81fda8e56bc6651190f81d2df2e0a 2026-12-05T23:00:00Z 2026-12-06T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
