/** Prints the machine and the columns' titles. */
export function printHead({ cores, memory, node, platform, fileSystem }) {
  console.log(`${cores} cores, ${gibibytes(memory)}, Node ${node}, ${platform}, ${fileSystem}\n`);
  console.log(
    `${"case".padEnd(28)}${"domains x slots".padStart(16)}${"documents".padStart(11)}${"time".padStart(10)}${"of CPU".padStart(10)}${"peak".padStart(9)}${"doc/s".padStart(10)}${"floor".padStart(10)}${"ratio".padStart(8)}${"of CPU".padStart(8)}`,
  );
}

export function printCase(each) {
  const { name, domains, slots, documents, floor } = each;
  console.log(
    [
      name.padEnd(28),
      `${domains} x ${slots}`.padStart(16),
      String(documents).padStart(11),
      seconds(each.seconds).padStart(10),
      seconds(each.cpuSeconds).padStart(10),
      (each.peakMemory === null ? "-" : `${Math.round(each.peakMemory / 1e6)} MB`).padStart(9),
      String(Math.round(each.documentsPerSecond)).padStart(10),
      seconds(floor.seconds).padStart(10),
      String(each.ratio).padStart(8),
      String(each.cpuRatio).padStart(8),
    ].join(""),
  );
  if (each.ofCompile !== undefined) {
    console.log(
      `  ${percent(each.ofCompile)} of a full compile's time, ${percent(each.cpuOfCompile)} of its CPU time`,
    );
  }
  for (const peer of each.peers ?? []) console.log(`  ${peerText(peer)}`);
}

function peerText(peer) {
  if (peer.status === "not run") return `${peer.name}: NOT RUN: ${peer.why}`;
  return `${peer.name} ${peer.version}: ${peer.documents} documents in ${seconds(peer.seconds)}, ${peer.documentsPerSecond} a second; tidemark renders ${peer.tidemarkTimesFaster} times as many; same output`;
}

function seconds(value) {
  return value < 1 ? `${Number((value * 1000).toPrecision(3))} ms` : `${value} s`;
}

function percent(part) {
  return `${Number((part * 100).toPrecision(2))} %`;
}

function gibibytes(bytes) {
  return `${Math.round(bytes / 2 ** 30)} GiB`;
}
