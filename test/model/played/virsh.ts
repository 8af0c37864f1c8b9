import { readFileSync } from "node:fs";
import { readBackup } from "../../../src/libvirt/read-backup.js";
import { readCheckpointDocument } from "../../../src/libvirt/read-checkpoint.js";
import { writeBackup, writeCheckpoint } from "../../../src/libvirt/write.js";
import { readXml, type XmlElement } from "../../../src/libvirt/xml.js";
import { domainXml } from "./domain-xml.js";
import type { Ended } from "./job.js";
import { type Machine, Refused } from "./machine.js";

export interface Answer {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Options of commands that take a value. */
const VALUED = new Set(
  "domain device path checkpointname backupxml checkpointxml xmlfile file event timeout mountpoint config".split(
    " ",
  ),
);
/** What a first and second word without an option mean, where it is not domain and nothing. */
const PLACES: Readonly<Record<string, readonly string[]>> = {
  "backup-begin": ["domain", "backupxml", "checkpointxml"],
  "checkpoint-dumpxml": ["domain", "checkpointname"],
  "checkpoint-delete": ["domain", "checkpointname"],
  "checkpoint-info": ["domain", "checkpointname"],
  "checkpoint-parent": ["domain", "checkpointname"],
  domblkinfo: ["domain", "device"],
  blockjob: ["domain", "path"],
  event: ["domain", "event"],
};

interface Call {
  readonly command: string;
  readonly given: ReadonlyMap<string, string>;
  readonly quiet: boolean;
}

export function parseCall(args: readonly string[]): Call {
  const words = [...args];
  let quiet = false;
  while (words[0]?.startsWith("-")) {
    const word = words.shift() as string;
    if (/^(?:-q|--quiet)$/.test(word)) quiet = true;
    else if (/^(?:-c|--connect|-k|--keepalive-interval|-K|--keepalive-count)$/.test(word)) words.shift();
  }
  const command = words.shift() ?? "";
  const given = new Map<string, string>();
  const places = [...(PLACES[command] ?? ["domain"])];
  while (words.length > 0) {
    const word = words.shift() as string;
    const [, option, value] = /^--([a-z-]+)(?:=(.*))?$/s.exec(word) ?? [];
    if (option === undefined) given.set(places.find((place) => !given.has(place)) ?? "", word);
    else given.set(option, value ?? (VALUED.has(option) ? (words.shift() ?? "") : ""));
  }
  return { command, given, quiet };
}

type Command = (machine: Machine, given: ReadonlyMap<string, string>) => string | Promise<string>;

/** What each prints, but for the line that a virsh which is not quiet adds. */
const COMMANDS: Readonly<Record<string, Command>> = {
  domname: ({ name }) => `${name}\n`,
  domid: ({ running }) => `${running?.id ?? "-"}\n`,
  domstate: ({ running }, given) =>
    `${running === undefined ? "shut off" : "running"}${given.has("reason") ? ` (${running === undefined ? "unknown" : "booted"})` : ""}\n`,
  dumpxml: (machine, given) => domainXml(machine, given.has("inactive")),
  domblkinfo: (machine, given) => {
    const { capacity, allocation, physical } = machine.sizes(given.get("device") ?? "");
    return `Capacity:       ${capacity}\nAllocation:     ${allocation}\nPhysical:       ${physical}\n`;
  },
  domblklist: ({ disks }, given) =>
    given.has("details")
      ? table(
          ["Type", "Device", "Target", "Source"],
          disks.map(({ target, source }) => ["file", "disk", target, source]),
        )
      : table(
          ["Target", "Source"],
          disks.map(({ target, source }) => [target, source]),
        ),
  domjobinfo: (machine, given) => jobInfo(machine, given),
  domjobabort: (machine) => {
    machine.abort();
    return "";
  },
  domfsfreeze: (machine) => freeze(machine, true),
  domfsthaw: (machine) => freeze(machine, false),
  "backup-begin": async (machine, given) => {
    const backup = readBackup(documentOf(given.get("backupxml") ?? ""));
    if (backup.backup === undefined)
      throw new Refused(`XML document failed to validate against schema: ${backup.diagnostics[0]?.message}`);
    const path = given.get("checkpointxml");
    const read = path === undefined ? undefined : readCheckpointDocument(documentOf(path));
    if (read !== undefined && read.checkpoint === undefined)
      throw new Refused(`XML document failed to validate against schema: ${read.diagnostics[0]?.message}`);
    await machine.begin(backup.backup, read?.checkpoint, given.has("reuse-external"));
    return "Backup started\n";
  },
  "backup-dumpxml": ({ job }) => {
    if (job === undefined) throw new Refused("Domain backup job id not found: no domain backup job present");
    return writeBackup(job.backup);
  },
  "checkpoint-list": ({ checkpoints }, given) => {
    if (given.has("name")) return checkpoints.map(({ name }) => `${name}\n`).join("");
    const time = (seconds = 0) =>
      `${new Date(seconds * 1000).toISOString().slice(0, 19).replace("T", " ")} +0000`;
    return table(
      ["Name", "Creation Time"],
      checkpoints.map(({ name, creationTime }) => [name, time(creationTime)]),
    );
  },
  "checkpoint-dumpxml": (machine, given) => {
    const { domain: _, ...checkpoint } = machine.find(given.get("checkpointname") ?? "");
    if (!given.has("size")) return writeCheckpoint(checkpoint);
    if (machine.running === undefined)
      throw new Refused("Requested operation is not valid: domain is not running");
    const disks = checkpoint.disks.map((disk) => {
      const size = disk.checkpoint === "bitmap" ? machine.changed(checkpoint.name, disk.name) : undefined;
      return size === undefined ? disk : { ...disk, size };
    });
    return writeCheckpoint({ ...checkpoint, disks });
  },
  "checkpoint-delete": (machine, given) => {
    const name = given.get("checkpointname") ?? "";
    machine.deleteCheckpoint(name, given.has("metadata"));
    return `Domain checkpoint ${name} deleted\n`;
  },
  blockjob: (_, given) => (given.has("raw") ? "" : `No current block job for ${given.get("path")}\n`),
};

/** Said before the reason, where a command does not do its work. */
const FAILED: Readonly<Record<string, string>> = {
  domfsfreeze: "Unable to freeze filesystems",
  domfsthaw: "Unable to thaw filesystems",
};

/** `virsh ARGUMENTS`; several commands may stand in one argument, with semicolons between them. @throws as `answer` does */
export async function virsh(machines: readonly Machine[], args: readonly string[]): Promise<Answer> {
  const text = args.at(-1) ?? "";
  if (!text.includes(";")) return answer(machines, args);
  const answers: Answer[] = [];
  for (const command of text.split(";").map((each) => each.trim())) {
    const words = command.split(/ +/);
    if (command === "") continue;
    if (words[0] === "echo") answers.push({ status: 0, stdout: `${words.slice(1).join(" ")}\n`, stderr: "" });
    else answers.push(await answer(machines, [...args.slice(0, -1), ...words]));
  }
  return {
    status: answers.at(-1)?.status ?? 0,
    stdout: answers.map(({ stdout }) => stdout).join(""),
    stderr: answers.map(({ stderr }) => stderr).join(""),
  };
}

/** One command of virsh. @throws for one that nobody has taught it: a test that asks for it says what virsh answers first */
async function answer(machines: readonly Machine[], args: readonly string[]): Promise<Answer> {
  const { command, given, quiet } = parseCall(args);
  const end = quiet ? "" : "\n";
  const ok = (text: string): Answer => ({ status: 0, stdout: `${text}${end}`, stderr: "" });
  const refuse = (...lines: readonly string[]): Answer => ({
    status: 1,
    stdout: end,
    stderr: lines.map((line) => `error: ${line}\n`).join(""),
  });
  if (command === "uri") return ok("qemu:///system\n");
  if (command === "version") {
    const daemon = given.has("daemon") ? "Running against daemon: 9.0.0\n" : "";
    return ok(
      `Compiled against library: libvirt 9.0.0\nUsing library: libvirt 9.0.0\nUsing API: QEMU 9.0.0\nRunning hypervisor: QEMU 7.2.22\n${daemon}`,
    );
  }
  if (command === "list") return ok(machines.map(({ uuid, name }) => `${uuid} ${name}\n`).join(""));
  const handler = COMMANDS[command];
  if (handler === undefined)
    throw new Error(`virsh ${args.join(" ")} is asked for, and nobody has said what it answers`);
  const wanted = given.get("domain");
  const machine = machines.find(({ uuid, name }) => uuid === wanted || name === wanted);
  if (machine === undefined) return refuse(`failed to get domain '${wanted}'`);
  try {
    return ok(await handler(machine, given));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    const first =
      command === "checkpoint-delete" && !error.message.startsWith("Domain checkpoint not found")
        ? `Failed to delete checkpoint ${given.get("checkpointname")}`
        : FAILED[command];
    return refuse(...(first === undefined ? [] : [first]), error.message);
  }
}

function freeze(machine: Machine, frozen: boolean): string {
  if (machine.running === undefined)
    throw new Refused("Requested operation is not valid: domain is not running");
  if (!machine.hasAgent) throw new Refused("argument unsupported: QEMU guest agent is not configured");
  machine.running.frozen = frozen;
  return frozen ? "Froze 1 filesystem(s)\n" : "Thawed 1 filesystem(s)\n";
}

function jobInfo(machine: Machine, given: ReadonlyMap<string, string>): string {
  const raw = given.has("rawstats");
  if (given.has("completed")) {
    const { ended } = machine;
    if (!given.has("keep-completed")) machine.ended = undefined;
    if (ended === undefined) return raw ? "Job type: 0\n\n" : "Job type:         None        \n";
    return raw
      ? `Job type: ${ended.type}\n\n${rawStats(ended)}`
      : `Job type:         ${TYPES[ended.type]}\nOperation:        Backup      \nTime elapsed:     ${"31".padEnd(12)} ms\n${textStats(ended)}`;
  }
  if (machine.running === undefined)
    throw new Refused("Requested operation is not valid: domain is not running");
  const { job } = machine;
  if (job === undefined) return raw ? "Job type: 0\n\n" : "Job type:         None        \n";
  const text = raw
    ? `Job type: 2\n\noperation: 9\ntime_elapsed: 10\n${job.backup.mode === "push" ? "disk_total: 393216\ndisk_processed: 65536\ndisk_remaining: 327680\n" : "disk_temp_used: 0\ndisk_temp_total: 393216\n"}`
    : "Job type:         Unbounded   \nOperation:        Backup      \nTime elapsed:     10           ms\n";
  machine.step();
  return text;
}

const TYPES = { 3: "Completed   ", 4: "Failed      ", 5: "Cancelled   " } as const;

/** As `domjobinfo` tells it to people. */
function textStats({ type, bytes, pull, errmsg }: Ended): string {
  const human = (size: number) => (size === 0 ? "0.000 B" : `${(size / 1024).toFixed(3)} KiB`);
  const error = errmsg === undefined ? "" : `Error message:    ${errmsg}\n`;
  if (pull)
    return `Temporary disk space use: ${human(0)}\nTemporary disk space total: ${human(bytes)}\n${error}`;
  const done = type === 3 ? bytes : 65536;
  return `File processed:   ${human(done)}\nFile remaining:   ${human(bytes - done)}\nFile total:       ${human(bytes)}\n${error}`;
}

/** As `domjobinfo --rawstats` and the event `job-completed` tell it. */
function rawStats({ type, bytes, pull, errmsg }: Ended): string {
  const sizes = pull
    ? `disk_temp_used: 0\ndisk_temp_total: ${bytes}\n`
    : `disk_total: ${bytes}\ndisk_processed: ${type === 3 ? bytes : 65536}\ndisk_remaining: ${type === 3 ? 0 : bytes - 65536}\n`;
  return `operation: 9\ntime_elapsed: 31\n${sizes}success: ${type === 3 ? 1 : 0}\n${errmsg === undefined ? "" : `errmsg: ${errmsg}\n`}`;
}

/** What `virsh event --event job-completed` prints of a job that ended. */
export function eventText({ name }: Machine, ended: Ended): string {
  return `event 'job-completed' for domain '${name}':\n${rawStats(ended).replaceAll(/^(?=.)/gm, "\t")}`;
}

function documentOf(path: string): XmlElement {
  const { root, diagnostics } = readXml(readFileSync(path), path);
  if (root === undefined) throw new Refused(`XML error: ${diagnostics[0]?.message}`);
  return root;
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((text, column) =>
    Math.max(text.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    ` ${row.map((text, column) => text.padEnd(widths[column] ?? 0)).join("   ")}`.trimEnd();
  const rule = "-".repeat(widths.reduce((sum, width) => sum + width, 0) + 3 * widths.length);
  return `${[line(head), rule, ...rows.map(line)].join("\n")}\n`;
}
