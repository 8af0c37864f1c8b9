# What holds for every run of the policy nightly. Sourced by each run.sh, never run.
plan nightly sha256:ff81cb9a5bdab11204c08cbc2d568341150005e59014fb33818ea2f6b1fbe436 2026-12-05T23:00:00Z 2026-12-08T23:00:00Z

loaded plan
