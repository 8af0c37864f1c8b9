import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

/** Whether a run goes on with what `virsh uri` answers, and with its option -c (lib/evidence.bash). */
function goesOn(uri: string, connect = ""): { status: number | null; said: string } {
  const script = `set -euo pipefail
source templates/lib/guard.bash off; source templates/lib/run.bash
ask_libvirt() { ${uri === "" ? "return 1" : `echo '${uri}'`}; }
RUN[connect]='${connect}'
refuse_other_host`;
  const { status, stderr } = spawnSync("bash", ["-c", script], { encoding: "utf8" });
  return { status, said: stderr };
}

it.each(["qemu:///system", "qemu:///session?socket=/run/x", "qemu+unix:///system", ""])(
  "a run goes on with the connection %j: another part says it where libvirt does not answer",
  (uri) => expect(goesOn(uri)).toEqual({ status: 0, said: "" }),
);

it.each(["qemu+ssh://root@kvm1/system", "qemu+tls://kvm1.example.org/system", "qemu://kvm1/system"])(
  "a run refuses the connection %s",
  (uri) => {
    const { status, said } = goesOn(uri);
    expect(status).toBe(3);
    expect(said).toContain(`libvirt's connection ${uri} is to another host`);
  },
);

it("a run refuses such a connection also where it cannot be made", () => {
  expect(goesOn("", "qemu+ssh://kvm1/system")).toMatchObject({
    status: 3,
    said: expect.stringContaining("qemu+ssh://kvm1/system is to another host"),
  });
  expect(goesOn("", "qemu:///system").status).toBe(0);
});
