# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:ee94beeb10e25dc6294b6d65c720ae79f65db15f853c3c16e8d8d9cacb8f37f9 2027-10-29T22:00:00Z 2027-11-01T23:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
