# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-12-06T01:00:00Z full start=2026-12-06T01:05:53Z
  image vda scratch=/var/tmp/scratch/web-vda.qcow2
  image vdb type=block path=/dev/backup/web-vdb-20261206T010000Z scratch=/var/tmp/scratch/web-vdb.qcow2
  keep_checkpoints nightly-20261206T010000Z
slot 2026-12-07T01:00:00Z incremental base=nightly-20261206T010000Z start=2026-12-07T01:05:53Z
  image vda scratch=/var/tmp/scratch/web-vda.qcow2
  image vdb type=block path=/dev/backup/web-vdb-20261207T010000Z scratch=/var/tmp/scratch/web-vdb.qcow2
  keep_checkpoints nightly-20261207T010000Z
slot 2026-12-07T13:00:00Z incremental base=nightly-20261207T010000Z start=2026-12-07T13:05:53Z
  image vda scratch=/var/tmp/scratch/web-vda.qcow2
  image vdb type=block path=/dev/backup/web-vdb-20261207T130000Z scratch=/var/tmp/scratch/web-vdb.qcow2
  keep_checkpoints nightly-20261207T130000Z
slot 2026-12-08T01:00:00Z incremental base=nightly-20261207T130000Z start=2026-12-08T01:05:53Z
  image vda scratch=/var/tmp/scratch/web-vda.qcow2
  image vdb type=block path=/dev/backup/web-vdb-20261208T010000Z scratch=/var/tmp/scratch/web-vdb.qcow2
  keep_checkpoints nightly-20261208T010000Z
end_of_runs 4
