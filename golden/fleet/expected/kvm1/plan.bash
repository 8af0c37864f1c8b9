# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:4827523db529eab6150b81d50f8f1da00c1b4933cf7b063c53b614e32e6aebbc 2026-12-01T23:00:00Z 2026-12-04T23:00:00Z
answers last-verified fail skip 21600 nightly
on_host kvm1
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
