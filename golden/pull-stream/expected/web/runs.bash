# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-12-05T01:00:00Z full
  image vda format=raw path=/var/backup/libvirt/web/nightly-20261205T010000Z/vda.stream scratch=/var/lib/libvirt/scratch/web-vda.qcow2
  image vdb format=raw path=/var/backup/libvirt/web/nightly-20261205T010000Z/vdb.stream scratch=/var/lib/libvirt/scratch/web-vdb.qcow2
  keep_checkpoints nightly-20261205T010000Z
slot 2026-12-06T01:00:00Z full
  image vda format=raw path=/var/backup/libvirt/web/nightly-20261206T010000Z/vda.stream scratch=/var/lib/libvirt/scratch/web-vda.qcow2
  image vdb format=raw path=/var/backup/libvirt/web/nightly-20261206T010000Z/vdb.stream scratch=/var/lib/libvirt/scratch/web-vdb.qcow2
  keep_checkpoints nightly-20261206T010000Z
slot 2026-12-07T01:00:00Z incremental base=nightly-20261206T010000Z
  image vda path=/var/backup/libvirt/web/nightly-20261207T010000Z/vda.stream scratch=/var/lib/libvirt/scratch/web-vda.qcow2
  image vdb path=/var/backup/libvirt/web/nightly-20261207T010000Z/vdb.stream scratch=/var/lib/libvirt/scratch/web-vdb.qcow2
  keep_checkpoints nightly-20261207T010000Z
slot 2026-12-08T01:00:00Z incremental base=nightly-20261207T010000Z
  image vda path=/var/backup/libvirt/web/nightly-20261208T010000Z/vda.stream scratch=/var/lib/libvirt/scratch/web-vda.qcow2
  image vdb path=/var/backup/libvirt/web/nightly-20261208T010000Z/vdb.stream scratch=/var/lib/libvirt/scratch/web-vdb.qcow2
  keep_checkpoints nightly-20261208T010000Z
end_of_runs 4
