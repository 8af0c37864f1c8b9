# The runs of pulled, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-12-05T02:00:00Z full
  image vda scratch=/var/lib/libvirt/scratch/pulled-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/pulled-vdb.qcow2
  keep_checkpoints nightly-20261205T020000Z
slot 2026-12-06T02:00:00Z incremental base=nightly-20261205T020000Z
  image vda scratch=/var/lib/libvirt/scratch/pulled-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/pulled-vdb.qcow2
  keep_checkpoints nightly-20261206T020000Z
end_of_runs 2
