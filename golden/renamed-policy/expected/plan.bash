# What holds for every run of the policy nights. Sourced by each run.sh, never run.
plan nights sha256:2d80ea734174bb082d619bf5b319366eed418b862e69633164aab5d6fc796a6a 2026-12-01T23:00:00Z 2026-12-03T23:00:00Z
answers last-verified fail skip 21600 'nights nightly' continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
