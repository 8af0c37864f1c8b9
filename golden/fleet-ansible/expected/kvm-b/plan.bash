# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:bc0f83f65b901eaf4a38e3ffd8ac21be7e55e1e789744b7a966bafec043e13f4 2026-12-01T23:00:00Z 2026-12-03T23:00:00Z
answers last-verified fail skip 21600 nightly continue
on_host kvm-b
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
