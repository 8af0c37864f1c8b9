# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:a7c2005debcb2e82befb205c88440065a36437094283df8d824a07778617d49b 2026-12-01T23:00:00Z 2026-12-03T23:00:00Z
answers last-verified fail skip 21600 nightly
on_host kvm-a
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
