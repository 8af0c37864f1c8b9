import { existsSync, mkdirSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, expect, it } from "vitest";
import { contentOf, type Guest, sh, startGuest } from "./guest.js";
import { type Nights, underPolicy } from "./nights.js";

/* Instant restores: a new domain runs on the images of the repository, and becomes independent of them. */
const NAME = "tmlive-instant";
const COPY = `${NAME}-copy`;

let guest: Guest | undefined;
afterEach(() => {
  const virsh = (...args: readonly string[]) =>
    sh("virsh", ["-c", "qemu:///system", ...args], { status: "any" });
  virsh("destroy", "--domain", COPY);
  virsh("undefine", "--domain", COPY, "--nvram");
  guest?.remove();
  guest = undefined;
});

const copy = (...args: readonly string[]) => {
  const [command = "", ...rest] = args;
  return sh("virsh", ["-c", "qemu:///system", command, "--domain", COPY, ...rest]).stdout;
};

/** A guest with a full and two incrementals; the newest is to come back. */
function threeNights(top = ""): { nights: Nights; point: string; to: string } {
  const host = startGuest(NAME, [
    { target: "vda", format: "qcow2", size: "64M" },
    { target: "vdb", format: "qcow2", size: "4M" },
  ]);
  guest = host;
  const nights = underPolicy(host, {
    schedule: '[{ level: incremental, at: "0 1 * * *" }]',
    retention: "{ keepLast: 3 }",
    top,
  });
  nights.compile();
  host.write("vda", "write -P 5 8M 24M");
  let point = "";
  for (let night = 0; night < 3; night++) ({ point } = nights.run());
  const to = join(host.folder, "instant");
  mkdirSync(to);
  return { nights, point, to };
}

function instant(
  { nights, point, to }: { nights: Nights; point: string; to: string },
  more: readonly string[] = [],
  options: Parameters<typeof sh>[2] = {},
) {
  const args = [
    nights.restoreScript,
    point,
    "-c",
    "qemu:///system",
    "--to",
    to,
    "--define",
    COPY,
    "--instant",
  ];
  return sh("bash", [...args, ...more], options);
}

function writeToCopy(target: string, command: string): void {
  const index = target === "vda" ? 0 : 1;
  const said = copy(
    "qemu-monitor-command",
    "--hmp",
    `qemu-io -d /machine/peripheral/virtio-disk${index}/virtio-backend "${command}"`,
  );
  expect(said).not.toMatch(/fail|error/i);
}

/** sha256 of a disk of the copy, as its guest sees it. */
function contentOfCopy(to: string, target: string): string {
  if (copy("domstate").trim() === "running") writeToCopy(target, "flush");
  return contentOf(join(to, `${target}.qcow2`), "qcow2");
}

/** Checksums and owners of all that is in the domain's folder. */
const repositoryOf = ({ folder }: Nights) =>
  sh("bash", [
    "-c",
    'cd "$1" && find . -path ./.tidemark -prune -o -type f -print0 | sort -z | xargs -0 sh -c \'sha256sum "$@"; stat -c "%n %U %G %a" "$@"\' -',
    "-",
    folder,
  ]).stdout;

const isHeld = ({ folder }: Nights) => existsSync(join(folder, ".tidemark/instant"));

it("the domain runs at once, what it writes stays, and at the end it builds on nothing", () => {
  // QEMU is not root, and its user reads the images as a member of their group.
  const scene = threeNights("permissions: { group: kvm }");
  const { nights, point, to } = scene;
  const before = repositoryOf(nights);
  instant(scene, ["--keep", "seclabel"], { env: { TIDEMARK_FAULT: "started:kill" }, status: "any" });
  expect(copy("domstate").trim()).toBe("running");
  expect(isHeld(nights)).toBe(true);
  for (const [target, sum] of nights.truthOf(point)) expect(contentOfCopy(to, target)).toBe(sum);
  writeToCopy("vda", "write -P 9 1M 1M");
  const [vda, vdb] = ["vda", "vdb"].map((target) => join(to, `${target}.qcow2`));
  const written = contentOfCopy(to, "vda");
  instant(scene, ["--keep", "seclabel"]);
  expect(contentOfCopy(to, "vda")).toBe(written);
  expect(contentOfCopy(to, "vdb")).toBe(nights.truthOf(point).get("vdb"));
  for (const image of [vda, vdb])
    expect(sh("qemu-img", ["info", "-U", image as string]).stdout).not.toContain("backing file");
  expect(repositoryOf(nights)).toBe(before);
  expect(isHeld(nights)).toBe(false);
  // Without the repository, the domain starts again.
  copy("destroy");
  sh("mv", [nights.folder, `${nights.folder}.away`]);
  copy("start");
  sh("mv", [`${nights.folder}.away`, nights.folder]);
});

it("runs delete and fold nothing meanwhile, and the restore can be given up", () => {
  const scene = threeNights("consolidate: true");
  const { nights, to } = scene;
  instant(scene, [], { env: { TIDEMARK_FAULT: "started:kill" }, status: "any" });
  const { output } = nights.run();
  expect(output).toMatch(/nothing is (?:folded|pruned): an instant restore from here is not complete/);
  const points = () => readdirSync(nights.folder).filter((name) => name !== ".tidemark");
  expect(points()).toHaveLength(4);
  instant(scene, ["--cancel"]);
  expect(sh("virsh", ["-c", "qemu:///system", "list", "--all", "--name"]).stdout).not.toContain(COPY);
  expect(readdirSync(to)).toEqual([]);
  expect(isHeld(nights)).toBe(false);
  nights.compile();
  nights.run();
  expect(points().length).toBeLessThan(5);
  nights.compareAll();
});

it.each(["noted", "restored", "put", "defined", "pulled vda"])(
  "killed at %s, a second call ends right",
  (fault) => {
    const scene = threeNights();
    const { nights, point, to } = scene;
    instant(scene, [], { env: { TIDEMARK_FAULT: `${fault}:kill` }, status: "any" });
    instant(scene);
    expect(isHeld(nights)).toBe(false);
    for (const [target, sum] of nights.truthOf(point)) expect(contentOfCopy(to, target)).toBe(sum);
    expect(readdirSync(to).sort()).toEqual(["vda.qcow2", "vdb.qcow2"]);
  },
);

it("QEMU is killed in the middle, and a second call starts the domain again and goes on", () => {
  const scene = threeNights();
  const { nights, to } = scene;
  instant(scene, [], { env: { TIDEMARK_FAULT: "started:kill" }, status: "any" });
  writeToCopy("vda", "write -P 9 1M 1M");
  writeToCopy("vda", "flush");
  const written = contentOfCopy(to, "vda");
  const uuid = copy("domuuid").trim();
  sh("kill", ["-9", readFileSync(`/run/libvirt/qemu/${COPY}.pid`, "utf8").trim()]);
  while (copy("domstate").trim() === "running") sh("sleep", ["0.1"]);
  instant(scene);
  expect(copy("domuuid").trim()).toBe(uuid);
  expect(copy("domstate").trim()).toBe("running");
  expect(contentOfCopy(to, "vda")).toBe(written);
  expect(isHeld(nights)).toBe(false);
});
