# The runs of web, in order of time; lib/table.bash says what the words mean. Read by run.sh and run-due.sh, never run.
slot 2026-12-01T01:00:00Z full
  image vda
  image vdb
  keep_checkpoints forever-20261201T010000Z
slot 2026-12-02T01:00:00Z incremental base=forever-20261201T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261202T010000Z
slot 2026-12-03T01:00:00Z incremental base=forever-20261202T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261203T010000Z
slot 2026-12-04T01:00:00Z incremental base=forever-20261203T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261204T010000Z
slot 2026-12-05T01:00:00Z incremental base=forever-20261204T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261205T010000Z
slot 2026-12-06T01:00:00Z incremental base=forever-20261205T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261206T010000Z
  because forever-20261201T010000Z forever-20261203T010000Z forever-20261204T010000Z forever-20261205T010000Z forever-20261206T010000Z
  fold forever-20261203T010000Z forever-20261202T010000Z
  prune forever-20261202T010000Z
slot 2026-12-07T01:00:00Z incremental base=forever-20261206T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261207T010000Z
  because forever-20261204T010000Z forever-20261205T010000Z forever-20261206T010000Z forever-20261207T010000Z
  fold forever-20261204T010000Z forever-20261203T010000Z forever-20261201T010000Z
  prune forever-20261203T010000Z forever-20261201T010000Z
slot 2026-12-08T01:00:00Z incremental base=forever-20261207T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261208T010000Z
  because forever-20261205T010000Z forever-20261206T010000Z forever-20261207T010000Z forever-20261208T010000Z
  fold forever-20261205T010000Z forever-20261204T010000Z
  prune forever-20261204T010000Z
slot 2026-12-09T01:00:00Z incremental base=forever-20261208T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261209T010000Z
  because forever-20261206T010000Z forever-20261207T010000Z forever-20261208T010000Z forever-20261209T010000Z
  fold forever-20261206T010000Z forever-20261205T010000Z
  prune forever-20261205T010000Z
slot 2026-12-10T01:00:00Z incremental base=forever-20261209T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261210T010000Z
slot 2026-12-11T01:00:00Z incremental base=forever-20261210T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261211T010000Z
  because forever-20261206T010000Z forever-20261208T010000Z forever-20261209T010000Z forever-20261210T010000Z forever-20261211T010000Z
  fold forever-20261208T010000Z forever-20261207T010000Z
  prune forever-20261207T010000Z
slot 2026-12-12T01:00:00Z incremental base=forever-20261211T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261212T010000Z
  because forever-20261206T010000Z forever-20261209T010000Z forever-20261210T010000Z forever-20261211T010000Z forever-20261212T010000Z
  fold forever-20261209T010000Z forever-20261208T010000Z
  prune forever-20261208T010000Z
slot 2026-12-13T01:00:00Z incremental base=forever-20261212T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261213T010000Z
  because forever-20261206T010000Z forever-20261210T010000Z forever-20261211T010000Z forever-20261212T010000Z forever-20261213T010000Z
  fold forever-20261210T010000Z forever-20261209T010000Z
  prune forever-20261209T010000Z
slot 2026-12-14T01:00:00Z incremental base=forever-20261213T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261214T010000Z
  because forever-20261211T010000Z forever-20261212T010000Z forever-20261213T010000Z forever-20261214T010000Z
  fold forever-20261211T010000Z forever-20261210T010000Z forever-20261206T010000Z
  prune forever-20261210T010000Z forever-20261206T010000Z
slot 2026-12-15T01:00:00Z incremental base=forever-20261214T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261215T010000Z
  because forever-20261212T010000Z forever-20261213T010000Z forever-20261214T010000Z forever-20261215T010000Z
  fold forever-20261212T010000Z forever-20261211T010000Z
  prune forever-20261211T010000Z
slot 2026-12-16T01:00:00Z incremental base=forever-20261215T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261216T010000Z
  because forever-20261213T010000Z forever-20261214T010000Z forever-20261215T010000Z forever-20261216T010000Z
  fold forever-20261213T010000Z forever-20261212T010000Z
  prune forever-20261212T010000Z
slot 2026-12-17T01:00:00Z incremental base=forever-20261216T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261217T010000Z
slot 2026-12-18T01:00:00Z incremental base=forever-20261217T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261218T010000Z
  because forever-20261213T010000Z forever-20261215T010000Z forever-20261216T010000Z forever-20261217T010000Z forever-20261218T010000Z
  fold forever-20261215T010000Z forever-20261214T010000Z
  prune forever-20261214T010000Z
slot 2026-12-19T01:00:00Z incremental base=forever-20261218T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261219T010000Z
  because forever-20261213T010000Z forever-20261216T010000Z forever-20261217T010000Z forever-20261218T010000Z forever-20261219T010000Z
  fold forever-20261216T010000Z forever-20261215T010000Z
  prune forever-20261215T010000Z
slot 2026-12-20T01:00:00Z incremental base=forever-20261219T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261220T010000Z
  because forever-20261213T010000Z forever-20261217T010000Z forever-20261218T010000Z forever-20261219T010000Z forever-20261220T010000Z
  fold forever-20261217T010000Z forever-20261216T010000Z
  prune forever-20261216T010000Z
slot 2026-12-21T01:00:00Z incremental base=forever-20261220T010000Z
  image vda
  image vdb
  keep_checkpoints forever-20261221T010000Z
  because forever-20261218T010000Z forever-20261219T010000Z forever-20261220T010000Z forever-20261221T010000Z
  fold forever-20261218T010000Z forever-20261217T010000Z forever-20261213T010000Z
  prune forever-20261217T010000Z forever-20261213T010000Z
end_of_runs 21
