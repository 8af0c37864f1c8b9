# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:afc333bc4a698d79b29d3ab01f1e9c3c1158d7be2e077ae5f7689b85ed28de98 2027-03-26T23:00:00Z 2027-03-29T22:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
