# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:4a43989679a821bfc0c3377be965023caa5a6abc9eeb58cc26d3e356c7a4b822 2026-12-01T23:00:00Z 2026-12-03T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
