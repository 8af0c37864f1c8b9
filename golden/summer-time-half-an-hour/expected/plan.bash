# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:a77e469b04c149d126b863764e00460f1cdf4ce9a60a6e081e0a41bd67bf5446 2027-04-02T13:00:00Z 2027-04-05T13:30:00Z
answers last-verified fail skip 21600 nightly continue
setting hook-seconds 600
setting retry-times 2
setting retry-seconds 900
setting space-percent 10
setting space-bytes 16777216
setting file-mode 0640
setting folder-mode 0750

loaded plan
