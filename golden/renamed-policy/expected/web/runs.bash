# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-12-02T01:00:00Z incremental base=nightly-20261201T010000Z
  image vda
  image vdb
  keep_checkpoints nights-20261202T010000Z
slot 2026-12-03T01:00:00Z incremental base=nights-20261202T010000Z
  image vda
  image vdb
  keep_checkpoints nights-20261203T010000Z
end_of_runs 2
