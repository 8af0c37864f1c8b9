# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-11-30T23:00:00Z full
  image vda
  image vdb
  keep_checkpoints nightly-20261130T230000Z
slot 2026-12-01T23:00:00Z incremental base=nightly-20261130T230000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261201T230000Z
slot 2026-12-02T23:00:00Z incremental base=nightly-20261201T230000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261202T230000Z
slot 2026-12-03T23:00:00Z full
  image vda
  image vdb
  keep_checkpoints nightly-20261203T230000Z
slot 2026-12-04T23:00:00Z incremental base=nightly-20261203T230000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261204T230000Z
slot 2026-12-05T23:00:00Z incremental base=nightly-20261204T230000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261205T230000Z
slot 2026-12-06T23:00:00Z full
  image vda
  image vdb
  keep_checkpoints nightly-20261206T230000Z
slot 2026-12-07T23:00:00Z incremental base=nightly-20261206T230000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261207T230000Z
slot 2026-12-08T23:00:00Z incremental base=nightly-20261207T230000Z
  image vda
  image vdb
  keep_checkpoints nightly-20261208T230000Z
end_of_runs 9
