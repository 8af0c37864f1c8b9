# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:165e01b5a8341c3aed73f3cec217698ee4b9cfd8e208fa1715369ad2ba7f97f2 2026-11-28T23:00:00Z 2026-12-06T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
