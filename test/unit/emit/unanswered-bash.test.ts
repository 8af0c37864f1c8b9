import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

/** How a run ends whose domain has no name, where libvirt answers or does not (check_host of lib/host.bash). */
function ends(answers: boolean): { status: number | null; said: string } {
  const script = `set -euo pipefail
source templates/lib/guard.bash off; source templates/lib/run.bash
step() { :; }
v() { return 1; }
await_libvirt() { ${answers}; }
DOMAIN=([name]=web [uuid]=6695eb01-f6a4-8304-79aa-97f2502e193f)
check_host`;
  const { status, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  return { status, said: stderr };
}

it("a domain that libvirt does not know is refused", () => {
  const { status, said } = ends(true);
  expect({ status, said }).toEqual({
    status: 3,
    said: expect.stringContaining("libvirt knows no domain 6695eb01"),
  });
});

it("where libvirt does not answer, the domain is not said to be gone", () => {
  const { status, said } = ends(false);
  expect(status).toBe(1);
  expect(said).toContain("libvirt does not tell whether it knows web: see that its daemon runs");
  expect(said).not.toContain("knows no domain");
});
