# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-12-06T01:00:00Z full
  image vda
  keep_checkpoints nightly-20261206T010000Z
slot 2026-12-07T01:00:00Z incremental base=nightly-20261206T010000Z
  image vda
  keep_checkpoints nightly-20261207T010000Z
slot 2026-12-08T01:00:00Z incremental base=nightly-20261207T010000Z
  image vda
  keep_checkpoints nightly-20261208T010000Z
end_of_runs 3
