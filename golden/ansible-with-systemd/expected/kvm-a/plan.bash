# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:548a3b0c2a11a03f2d9f5dd660439d6203c738ddd0baa4cab30ac2275876b26c 2026-12-02T00:00:00Z 2026-12-03T00:00:00Z
answers last-verified fail skip 21600 nightly continue
on_host kvm-a
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
