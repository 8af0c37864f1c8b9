# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:b43c2ceb791a7ee304d69ea666d8a5861bc8525b875372d76224c20937d2ca3d 2027-03-26T23:00:00Z 2027-03-29T22:00:00Z
on_host kvm-b

loaded plan
