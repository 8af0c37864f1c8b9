# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:fedaf3b0c2313091706a2e5215ae4a69e26c89906778d177f3bb4d629fa41775 2026-12-01T23:00:00Z 2026-12-04T23:00:00Z
answers last-verified fail skip 21600 nightly continue
on_host kvm2
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
