# The runs of db, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-12-05T01:00:00Z full start=2026-12-05T12:36:42Z
  image vda scratch=/scratch/db-vda.qcow2
  keep_checkpoints nightly-20261205T010000Z
slot 2026-12-05T07:00:00Z incremental base=nightly-20261205T010000Z start=2026-12-05T18:36:42Z
  image vda scratch=/scratch/db-vda.qcow2
  keep_checkpoints nightly-20261205T070000Z
slot 2026-12-05T13:00:00Z incremental base=nightly-20261205T070000Z start=2026-12-06T00:36:42Z
  image vda scratch=/scratch/db-vda.qcow2
  keep_checkpoints nightly-20261205T130000Z
slot 2026-12-06T01:00:00Z full start=2026-12-06T12:36:42Z
  image vda scratch=/scratch/db-vda.qcow2
  keep_checkpoints nightly-20261206T010000Z
slot 2026-12-06T07:00:00Z incremental base=nightly-20261206T010000Z start=2026-12-06T18:36:42Z
  image vda scratch=/scratch/db-vda.qcow2
  keep_checkpoints nightly-20261206T070000Z
slot 2026-12-06T13:00:00Z incremental base=nightly-20261206T070000Z start=2026-12-07T00:36:42Z
  image vda scratch=/scratch/db-vda.qcow2
  keep_checkpoints nightly-20261206T130000Z
slot 2026-12-07T01:00:00Z incremental base=nightly-20261206T130000Z start=2026-12-07T12:36:42Z
  image vda scratch=/scratch/db-vda.qcow2
  keep_checkpoints nightly-20261207T010000Z
slot 2026-12-07T07:00:00Z incremental base=nightly-20261207T010000Z start=2026-12-07T18:36:42Z
  image vda scratch=/scratch/db-vda.qcow2
  keep_checkpoints nightly-20261207T070000Z
slot 2026-12-07T13:00:00Z incremental base=nightly-20261207T070000Z start=2026-12-08T00:36:42Z
  image vda scratch=/scratch/db-vda.qcow2
  keep_checkpoints nightly-20261207T130000Z
end_of_runs 9
