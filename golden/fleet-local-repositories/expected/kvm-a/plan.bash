# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:9711d7567f934e924b046b60edc90e9d2b1253ba8e5736bee0183e8b6852e2d9 2026-12-01T23:00:00Z 2026-12-04T23:00:00Z
answers last-verified fail skip 21600 nightly
on_host kvm-a
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
