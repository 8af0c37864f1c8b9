# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-12-05T03:00:00Z full
  image vda bitmap=no format=raw
  image vdb bitmap=no format=raw
slot 2026-12-06T03:00:00Z full
  image vda bitmap=no format=raw
  image vdb bitmap=no format=raw
  because nightly-20261206T030000Z
  prune nightly-20261205T030000Z
end_of_runs 2
