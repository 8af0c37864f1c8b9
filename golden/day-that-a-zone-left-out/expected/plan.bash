# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:029bfd283f40e3f4ac105bb0ddcec5cb2c05fb3c6a49d50eaad1fa0f9637db3e 2011-12-28T10:00:00Z 2012-01-01T10:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
