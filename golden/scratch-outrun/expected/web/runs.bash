# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-12-01T02:00:00Z full
  image vda scratch=/scratch/web-vda.qcow2
  image vdb scratch=/scratch/web-vdb.qcow2
  keep_checkpoints nightly-20261201T020000Z
slot 2026-12-02T02:00:00Z incremental base=nightly-20261201T020000Z
  image vda scratch=/scratch/web-vda.qcow2
  image vdb scratch=/scratch/web-vdb.qcow2
  keep_checkpoints nightly-20261202T020000Z
slot 2026-12-03T02:00:00Z incremental base=nightly-20261202T020000Z
  image vda scratch=/scratch/web-vda.qcow2
  image vdb scratch=/scratch/web-vdb.qcow2
  keep_checkpoints nightly-20261203T020000Z
end_of_runs 3
