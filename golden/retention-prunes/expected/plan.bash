# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:629ded621ff8691b26728a9667a78ab07e4346abb5539d4cda6d28eb861c6ea2 2026-12-01T23:00:00Z 2026-12-15T23:00:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
