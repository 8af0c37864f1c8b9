import { spawn } from "node:child_process";
import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { afterEach, expect, it } from "vitest";
import { Machine } from "../model/played/machine.js";
import { createImage } from "../model/played/qcow2.js";
import { eventText, virsh } from "../model/played/virsh.js";
import { type Guest, sh, startGuest } from "./guest.js";

/*
 * The host that the model plays its nights on (test/model/played) says what libvirt says: the same calls to both, in the same order,
 * and the same answers, but for numbers that are another each time.
 */
const NAME = "tmlive-played";
const SIZE = 393_216;

let guest: Guest | undefined;
let machine: Machine | undefined;
afterEach(() => {
  guest?.remove();
  if (machine?.running !== undefined) machine.stop();
  guest = undefined;
});

it("the played virsh answers as libvirt's does", async () => {
  const real = startGuest(
    NAME,
    ["vda", "vdb"].map((target) => ({ target, format: "qcow2" as const, size: String(SIZE) })),
    "tidemark-played-",
    null,
  );
  guest = real;
  mkdirSync(join(real.folder, "played"));
  const disks = real.disks.map(({ target }) => ({
    target,
    format: "qcow2" as const,
    source: join(real.folder, "played", `${target}.qcow2`),
  }));
  for (const { source } of disks) createImage(source, "qcow2", SIZE);
  const played = new Machine(NAME, real.uuid, disks);
  machine = played;
  played.hasAgent = false;
  played.start();

  /** Asks both for the same, with paths of its own for the played one. */
  const ask = async (args: readonly string[], forPlayed = args) => {
    const said = sh("virsh", ["-c", "qemu:///system", ...args], { status: "any", env: { LC_ALL: "C" } });
    const answer = await virsh([played], forPlayed);
    const settle = ({ status, stdout, stderr }: Pick<typeof said, "status" | "stdout" | "stderr">) => ({
      args,
      status,
      stdout: settled(stdout, real.folder),
      stderr: settled(stderr, real.folder),
    });
    expect(settle(answer), args.join(" ")).toEqual(settle(said));
  };
  const both = async (...[command, ...args]: readonly [string, ...string[]]) => {
    const forPlayed = args.map((each) =>
      each.startsWith(`${real.folder}/xml/`) ? each.replace("/xml/", "/xml-played/") : each,
    );
    await ask([command, "--domain", real.uuid, ...args], [command, "--domain", real.uuid, ...forPlayed]);
  };
  /** As the scripts ask together (lib/host.bash): a refused question does not end the others. */
  const together = async (...questions: readonly string[]) => {
    await ask([
      questions.map((question) => `${question.replace("@", `--domain ${real.uuid}`)}; echo \x1e; `).join(""),
    ]);
  };
  for (const folder of ["xml", "xml-played", "out", "out-played"]) mkdirSync(join(real.folder, folder));
  /** A document for both, with paths of their own. */
  const document = (name: string, text: string): string => {
    writeFileSync(join(real.folder, "xml", name), text);
    writeFileSync(join(real.folder, "xml-played", name), text.replaceAll("/out/", "/out-played/"));
    return join(real.folder, "xml", name);
  };
  const checkpoint = (name: string) =>
    document(
      `${name}.xml`,
      `<domaincheckpoint><name>${name}</name><description>a &amp; b</description><disks><disk name='vda' checkpoint='bitmap' bitmap='${name}'/><disk name='vdb' checkpoint='no'/></disks></domaincheckpoint>`,
    );
  const target = (name: string) => {
    for (const folder of ["out", "out-played"]) createImage(join(real.folder, folder, name), "qcow2", SIZE);
    return `${real.folder}/out/${name}`;
  };
  const push = (path: string, base?: string) =>
    document(
      "push.xml",
      `<domainbackup mode='push'><disks><disk name='vda' backup='yes' backupmode='${base === undefined ? "full" : `incremental' incremental='${base}`}' type='file'><driver type='qcow2'/><target file='${path}'/></disk><disk name='vdb' backup='no'/></disks></domainbackup>`,
    );
  const pull = (base: string, scratch: string) =>
    document(
      "pull.xml",
      `<domainbackup mode='pull'><server transport='unix' socket='${real.folder}/out/s'/><disks><disk name='vda' backup='yes' backupmode='incremental' incremental='${base}' exportname='vda' exportbitmap='backup-vda' type='file'><driver type='qcow2'/><scratch file='${scratch}'/></disk><disk name='vdb' backup='no'/></disks></domainbackup>`,
    );
  const idle = async () => {
    for (let patience = 100; patience > 0; patience -= 1) {
      if (/^Job type: 0/.test(real.virsh("domjobinfo", "--rawstats"))) break;
      await setTimeout(50);
    }
    while (played.job !== undefined && played.job.backup.mode === "push") played.step();
  };
  const questions = async () => {
    for (const call of [
      ["domname"],
      ["domid"],
      ["domstate"],
      ["domblklist"],
      ["domblklist", "--details"],
      ["domblkinfo", "--device", "vda"],
      ["domblkinfo", "--device", "vdz"],
      ["domjobinfo"],
      ["domjobinfo", "--rawstats"],
      ["domjobinfo", "--completed", "--keep-completed"],
      ["domjobinfo", "--completed", "--keep-completed", "--anystats", "--rawstats"],
      ["backup-dumpxml"],
      ["checkpoint-list"],
      ["checkpoint-list", "--name"],
      ["checkpoint-dumpxml", "--checkpointname", "p-20261001T000000Z", "--no-domain"],
      ["checkpoint-dumpxml", "--checkpointname", "p-20261001T000000Z", "--no-domain", "--size"],
      ["checkpoint-dumpxml", "--checkpointname", "p-20261002T000000Z", "--no-domain", "--size"],
    ] as const) {
      await both(...(call as unknown as [string, ...string[]]));
    }
  };
  await questions();
  await together(
    "domname @",
    "checkpoint-dumpxml @ --checkpointname p-none --no-domain",
    "domblkinfo @ --device vda",
    "domstate @",
  );
  await together("domstate @", "checkpoint-dumpxml @ --checkpointname p-none --no-domain --size");
  await both("domfsfreeze");
  await both("domfsthaw");
  await both("domjobabort");

  // A push, and what is heard and kept of its end.
  const listener = spawn(
    "virsh",
    ["-c", "qemu:///system", "event", "--domain", real.uuid, "--event", "job-completed", "--loop"],
    {
      env: { ...process.env, LC_ALL: "C" },
    },
  );
  let heard = "";
  listener.stdout.setEncoding("utf8").on("data", (text: string) => {
    heard += text;
  });
  await setTimeout(500);
  const full = target("full.qcow2");
  await both(
    "backup-begin",
    "--backupxml",
    push(full),
    "--reuse-external",
    "--checkpointxml",
    checkpoint("p-20261001T000000Z"),
  );
  await idle();
  await setTimeout(300);
  expect(settled(heard, real.folder)).toBe(
    settled(played.ended === undefined ? "" : eventText(played, played.ended), real.folder),
  );
  listener.kill("SIGKILL");
  await questions();
  await both("domjobinfo", "--completed", "--rawstats");
  await both("domjobinfo", "--completed", "--rawstats");
  await both(
    "backup-begin",
    "--backupxml",
    push(full),
    "--reuse-external",
    "--checkpointxml",
    checkpoint("p-20261001T000000Z"),
  );
  await both("backup-begin", "--backupxml", push(full, "p-nowhere"), "--reuse-external");

  // Writes, and an incremental that is pulled.
  real.write("vda", "write -P 7 64k 64k");
  played.write("vda", 1, 7);
  await questions();
  await both(
    "backup-begin",
    "--backupxml",
    pull("p-20261001T000000Z", target("scratch")),
    "--reuse-external",
    "--checkpointxml",
    checkpoint("p-20261002T000000Z"),
  );
  await both("backup-dumpxml");
  await both("domjobinfo", "--rawstats");
  const map = (folder: string) =>
    sh("nbdinfo", ["--map=qemu:dirty-bitmap:backup-vda", `nbd+unix:///vda?socket=${real.folder}/${folder}/s`])
      .stdout;
  expect(map("out-played")).toBe(map("out"));
  await both("domjobabort");
  await idle();
  await questions();
  await both("checkpoint-delete", "--checkpointname", "p-nowhere");

  // A clean end keeps the bitmaps; of a stopped domain little can be asked.
  real.virsh("destroy");
  played.stop();
  await questions();
  await both("backup-begin", "--backupxml", push(full), "--reuse-external");
  await both("checkpoint-delete", "--checkpointname", "p-20261001T000000Z");
  await both("domjobabort");
  await both("domfsfreeze");
  real.virsh("start");
  played.start();
  await questions();

  // QEMU is killed: what it had stored before is broken, what it had not is gone.
  await both(
    "backup-begin",
    "--backupxml",
    push(target("next.qcow2")),
    "--reuse-external",
    "--checkpointxml",
    checkpoint("p-20261003T000000Z"),
  );
  await idle();
  process.kill(Number(readFileSync(`/run/libvirt/qemu/${NAME}.pid`, "utf8")), "SIGKILL");
  for (let patience = 100; patience > 0 && real.virsh("domstate").startsWith("running"); patience -= 1)
    await setTimeout(50);
  real.virsh("start");
  played.crash();
  played.start();
  for (const name of ["p-20261001T000000Z", "p-20261003T000000Z"]) {
    await both("checkpoint-dumpxml", "--checkpointname", name, "--no-domain", "--size");
    await both("backup-begin", "--backupxml", push(full, name), "--reuse-external");
    await both("checkpoint-delete", "--checkpointname", name);
    await both("checkpoint-list", "--name");
  }
  await both("checkpoint-delete", "--checkpointname", "p-20261003T000000Z", "--metadata");
  await both("checkpoint-list", "--name");
  for (const folder of ["out", "out-played"]) rmSync(join(real.folder, folder), { recursive: true });
});

/** Without what is another at each call: times, ids, places, and how much a file system gives to a file. */
function settled(text: string, folder: string): string {
  return text
    .replaceAll(`${folder}/images/`, "FOLDER/")
    .replaceAll(`${folder}/played/`, "FOLDER/")
    .replaceAll(`${folder}/out/`, "FOLDER/out/")
    .replaceAll(`${folder}/out-played/`, "FOLDER/out/")
    .replaceAll(/^(\s*time_elapsed: |Time elapsed: +)\d+ */gm, "$1N ")
    .replaceAll(/^(Allocation|Physical): +\d+/gm, "$1: N")
    .replaceAll(/^\d+$/gm, "ID")
    .replaceAll(/<creationTime>\d+</g, "<creationTime>N<")
    .replaceAll(/ index='\d+'/g, "")
    .replaceAll(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \+0000/g, "TIME")
    .replaceAll(/-{20,}/g, "----");
}
