# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:3a1ab169e576adaa6ddb33cc1986190b2b180b8ad50cf5fe148c8618b54ddf30 2026-12-19T23:00:00Z 2027-01-09T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
