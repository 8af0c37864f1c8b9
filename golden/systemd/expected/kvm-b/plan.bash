# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:207654beea7d2c4f811d58f40d15f7143c17634ba5ee569d52090209d87c2e26 2027-03-26T23:00:00Z 2027-03-29T22:00:00Z
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
