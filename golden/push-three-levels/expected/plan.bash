# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:ce369cbb5864c4d008a451b69d8a53c6aab926e3cd5ea22531c25a61d282bd43 2026-11-30T23:00:00Z 2026-12-09T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
