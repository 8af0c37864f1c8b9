# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-12-05T01:00:00Z full start=2026-12-05T01:02:56Z
  image vda
  image vdb
  keep_checkpoints nightly-20261205T010000Z
slot 2026-12-05T02:00:00Z incremental base=nightly-20261205T010000Z start=2026-12-05T04:34:34Z
  image vda
  image vdb
  keep_checkpoints nightly-20261205T020000Z
slot 2026-12-06T01:00:00Z full start=2026-12-06T01:02:56Z
  image vda
  image vdb
  keep_checkpoints nightly-20261206T010000Z
slot 2026-12-06T02:00:00Z incremental base=nightly-20261206T010000Z start=2026-12-06T04:34:34Z
  image vda
  image vdb
  keep_checkpoints nightly-20261206T020000Z
slot 2026-12-07T01:00:00Z incremental base=nightly-20261206T020000Z start=2026-12-07T01:02:56Z
  image vda
  image vdb
  keep_checkpoints nightly-20261207T010000Z
slot 2026-12-07T02:00:00Z incremental base=nightly-20261207T010000Z start=2026-12-07T02:02:56Z
  image vda
  image vdb
  keep_checkpoints nightly-20261207T020000Z
end_of_runs 6
