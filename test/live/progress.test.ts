import { chmodSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { type Guest, startGuest } from "./guest.js";
import { underPolicy } from "./nights.js";

let guest: Guest | undefined;
afterEach(() => {
  guest?.remove();
  guest = undefined;
});

it("a log says how far checksums are that take their time, and each ten seconds at most", () => {
  const host = startGuest("tmlive-progress", [{ target: "vda", format: "qcow2", size: "64M" }]);
  guest = host;
  const nights = underPolicy(host, { schedule: '[{ level: incremental, at: "0 1 * * *" }]' });
  nights.compile();
  // A hash that rests for thirteen seconds within an image of some size.
  const programs = join(host.folder, "programs");
  mkdirSync(programs);
  const rests = `#!/bin/bash
size=$(stat -L -c %s /dev/fd/0)
((size > 1 << 20)) || exec /usr/bin/sha256sum
{ head -c 1M; sleep 13; cat; } | /usr/bin/sha256sum`;
  for (const [name, text] of [
    ["openssl", "#!/bin/bash\nexit 1"],
    ["sha256sum", rests],
  ] as const) {
    writeFileSync(join(programs, name), text);
    chmodSync(join(programs, name), 0o755);
  }
  host.write("vda", "write -P 1 0 8M");
  const { output } = nights.run({ path: programs });
  const said = output.split("\n").filter((line) => line.includes("checksums: "));
  expect(said).toHaveLength(1);
  expect(said[0]).toMatch(/checksums: 1\d % of 8\.\d+ MiB, \d+ KiB\/s, about \d+ s left$/);
  // The next one has nothing to say.
  expect(nights.run().output).not.toContain("checksums: ");
  expect(nights.compareRestored()).toHaveLength(2);
});
