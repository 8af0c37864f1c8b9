# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:a4dba515471d24f89014c913f85a2b0e7f1965d02c0fb6dfe41edac190ee7f4b 2011-12-28T10:00:00Z 2012-01-01T10:00:00Z
answers last-verified fail skip 21600 nightly
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
