# The runs of db-1, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-12-01T05:00:00Z full
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z
slot 2026-12-01T11:15:00Z incremental base=databases-20261201T050000Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261201T111500Z
slot 2026-12-01T17:15:00Z incremental base=databases-20261201T111500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261201T171500Z
slot 2026-12-01T23:15:00Z incremental base=databases-20261201T171500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261201T231500Z
slot 2026-12-02T11:15:00Z incremental base=databases-20261201T231500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261202T111500Z
slot 2026-12-02T17:15:00Z incremental base=databases-20261202T111500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261202T171500Z
slot 2026-12-02T23:15:00Z incremental base=databases-20261202T171500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261202T231500Z
slot 2026-12-03T11:15:00Z incremental base=databases-20261202T231500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261203T111500Z
slot 2026-12-03T17:15:00Z incremental base=databases-20261203T111500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261203T171500Z
slot 2026-12-03T23:15:00Z incremental base=databases-20261203T171500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261203T231500Z
slot 2026-12-04T11:15:00Z incremental base=databases-20261203T231500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261204T111500Z
slot 2026-12-04T17:15:00Z incremental base=databases-20261204T111500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261204T171500Z
slot 2026-12-04T23:15:00Z incremental base=databases-20261204T171500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261204T231500Z
slot 2026-12-05T11:15:00Z incremental base=databases-20261204T231500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261205T111500Z
slot 2026-12-05T17:15:00Z incremental base=databases-20261205T111500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261205T171500Z
slot 2026-12-05T23:15:00Z incremental base=databases-20261205T171500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261205T231500Z
slot 2026-12-06T06:30:00Z differential base=databases-20261201T050000Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261206T063000Z
slot 2026-12-06T11:15:00Z incremental base=databases-20261206T063000Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261206T111500Z
slot 2026-12-06T17:15:00Z incremental base=databases-20261206T111500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261206T171500Z
slot 2026-12-06T23:15:00Z incremental base=databases-20261206T171500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261206T231500Z
slot 2026-12-07T11:15:00Z incremental base=databases-20261206T231500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261207T111500Z
slot 2026-12-07T17:15:00Z incremental base=databases-20261207T111500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261207T171500Z
slot 2026-12-07T23:15:00Z incremental base=databases-20261207T171500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261207T231500Z
slot 2026-12-08T11:15:00Z incremental base=databases-20261207T231500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261208T111500Z
slot 2026-12-08T17:15:00Z incremental base=databases-20261208T111500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261208T171500Z
slot 2026-12-08T23:15:00Z incremental base=databases-20261208T171500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261208T231500Z
slot 2026-12-09T11:15:00Z incremental base=databases-20261208T231500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261209T111500Z
slot 2026-12-09T17:15:00Z incremental base=databases-20261209T111500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261209T171500Z
slot 2026-12-09T23:15:00Z incremental base=databases-20261209T171500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261209T231500Z
slot 2026-12-10T11:15:00Z incremental base=databases-20261209T231500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261210T111500Z
slot 2026-12-10T17:15:00Z incremental base=databases-20261210T111500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261210T171500Z
slot 2026-12-10T23:15:00Z incremental base=databases-20261210T171500Z
  image vda scratch=/var/lib/libvirt/scratch/db-1-vda.qcow2
  image vdb scratch=/var/lib/libvirt/scratch/db-1-vdb.qcow2
  keep_checkpoints databases-20261201T050000Z databases-20261210T231500Z
end_of_runs 32
