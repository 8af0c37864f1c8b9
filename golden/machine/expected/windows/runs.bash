# The runs of windows, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-12-04T23:00:00Z full
  image vda bitmap=no
slot 2026-12-05T23:00:00Z full
  image vda bitmap=no
end_of_runs 2
