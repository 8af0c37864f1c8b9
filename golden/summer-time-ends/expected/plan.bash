# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:b85dab8cbf35cd2233569f61067ff210af45b168caa402583338ad050a203ced 2027-10-29T22:00:00Z 2027-11-01T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
