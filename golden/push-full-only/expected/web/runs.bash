# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-12-04T23:00:00Z full
  image vda bitmap=no
  image vdb bitmap=no
slot 2026-12-05T23:00:00Z full
  image vda bitmap=no
  image vdb bitmap=no
slot 2026-12-06T23:00:00Z full
  image vda bitmap=no
  image vdb bitmap=no
  because nightly-20261205T230000Z nightly-20261206T230000Z
  prune nightly-20261204T230000Z
slot 2026-12-07T23:00:00Z full
  image vda bitmap=no
  image vdb bitmap=no
  because nightly-20261206T230000Z nightly-20261207T230000Z
  prune nightly-20261205T230000Z
end_of_runs 4
