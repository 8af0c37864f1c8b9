# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:7ee49b5fd652a71128b6d2e55cf1694323517d34af21511bbd77cd04f14124de 2026-12-04T23:00:00Z 2026-12-06T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
