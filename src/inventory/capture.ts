import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { compareText } from "../diagnostics/diagnostic.js";
import { meantOrKnown } from "../diagnostics/did-you-mean.js";
import type { Domain } from "../libvirt/domain.js";
import { readDomain } from "../libvirt/read-domain.js";
import { directoryOf } from "./directory.js";
import { type DiskSize, roughAllocation } from "./disk-size.js";
import type { Evidence } from "./evidence.js";

/** What a call of virsh printed, and how it ended. */
export interface Answer {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** `virsh --connect URI ARGUMENTS`; must not throw. */
export type Virsh = (args: readonly string[]) => Promise<Answer>;

/** A file of an inventory that was captured. */
export interface CapturedFile {
  /** Relative to the inventory's folder, with `/`. */
  readonly path: string;
  readonly text: string;
}

export interface Capture {
  /** Sorted by path. */
  readonly files: readonly CapturedFile[];
  /** Folder names of the captured domains; their other files in the inventory are out of date. */
  readonly domains: readonly string[];
}

export interface CaptureOptions {
  /** Names of domains; absent: all domains of the host. */
  readonly domains?: readonly string[];
  /** Whether to ask how much has changed since each checkpoint; this number differs in each capture. */
  readonly sizes?: boolean;
  /** Looks at a domain's disks and process; called only where libvirt is on this host. */
  readonly look?: (domain: Domain, volumes: ReadonlyMap<string, string>) => Evidence;
  /** Reads the sizes of a domain's disks from their files; called only where libvirt is on this host. */
  readonly measure?: (domain: Domain, volumes: ReadonlyMap<string, string>) => ReadonlyMap<string, DiskSize>;
  /** Asks this host's qemu-img by which methods it compresses; called only where libvirt is on this host. */
  readonly compression?: () => readonly string[] | undefined;
  readonly onProgress?: (done: number, total: number) => void;
}

/** As libvirt's schema has it (domaincheckpoint.rng, checkpointName). */
const CHECKPOINT_NAME = /^[A-Za-z0-9_-][A-Za-z0-9_.-]*$/;

/** Calls of virsh at the same time; more would only wait for the daemon. */
const AT_ONCE = 4;

/**
 * Asks libvirt for what a plan is compiled from: versions, domains and their checkpoints. Secrets are never read
 * (`--security-info`). Values that change by themselves, ids and run-time names, are left out, so that a capture
 * changes only if the host does.
 */
export async function capture(
  virsh: Virsh,
  options: CaptureOptions = {},
): Promise<{ capture?: Capture; diagnostics: readonly Diagnostic[] }> {
  const diagnostics: Diagnostic[] = [];
  const version = await virsh(["version", "--daemon"]);
  if (version.status !== 0) return { diagnostics: [unanswered(version)] };
  const listed = await virsh(["list", "--all", "--uuid", "--name"]);
  if (listed.status !== 0) return { diagnostics: [unanswered(listed)] };
  // A name may look like an id or an option, so domains go by their UUID.
  const uuids = new Map(
    [...listed.stdout.matchAll(/^([0-9a-f-]{36}) +(.+?) *$/gm)].map(([, uuid = "", name = ""]) => [
      name,
      uuid,
    ]),
  );
  const known = [...uuids.keys()].sort(compareText);
  const wanted = options.domains?.length ? options.domains : known;
  for (const name of wanted.filter((each) => !known.includes(each)))
    diagnostics.push(unknownDomain(name, known));
  if (diagnostics.length > 0) return { diagnostics };

  const isHere = (options.look ?? options.compression) !== undefined && (await isLocal(virsh));
  const here = isHere ? options : {};
  const files: CapturedFile[] = [
    { path: "host.json", text: hostJson(version.stdout, isHere ? options.compression?.() : undefined) },
  ];
  let done = 0;
  const queue = [...wanted].sort(compareText).values();
  const work = async () => {
    for (const name of queue) {
      const captured = await captureDomain(
        virsh,
        name,
        uuids.get(name) ?? name,
        options.sizes === true,
        here,
      );
      files.push(...captured.files);
      diagnostics.push(...captured.diagnostics);
      done += 1;
      options.onProgress?.(done, wanted.length);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return {
    capture: {
      files: files.sort((a, b) => compareText(a.path, b.path)),
      domains: wanted.map(directoryOf).sort(compareText),
    },
    diagnostics,
  };
}

async function captureDomain(
  virsh: Virsh,
  name: string,
  uuid: string,
  sizes: boolean,
  { look, measure }: Pick<CaptureOptions, "look" | "measure">,
): Promise<{ files: readonly CapturedFile[]; diagnostics: readonly Diagnostic[] }> {
  const segment = directoryOf(name);
  const failed = ({ stderr }: Answer) => {
    const message = `virsh did not answer about "${name}": ${reasonIn(stderr)}`;
    const hint = "if the domain was just removed, capture again";
    return { files: [], diagnostics: [{ code: "TM210", severity: "error", message, hint } as const] };
  };
  const dump = await virsh(["dumpxml", "--domain", uuid]);
  if (dump.status !== 0) return failed(dump);
  const files = [{ path: `domains/${segment}.xml`, text: withoutRunTime(dump.stdout) }];
  const path = `domains/${segment}`;
  const { domain } = readDomain(new TextEncoder().encode(dump.stdout), `${path}.xml`);
  if (domain !== undefined) {
    const volumes = look || measure ? await volumesOf(virsh, domain) : new Map<string, string>();
    if (look) files.push({ path: `${path}.json`, text: jsonText(look(domain, volumes)) });
    const isRunning = /^<domain\b[^>]* id='\d+'/m.test(dump.stdout);
    const measured = await sizesOf(virsh, domain, isRunning, measure?.(domain, volumes));
    if (measured.size > 0) {
      const disks = Object.fromEntries([...measured].sort(([a], [b]) => compareText(a, b)));
      files.push({ path: `sizes/${segment}.json`, text: jsonText({ formatVersion: "1.0", disks }) });
    }
  }
  const list = await virsh(["checkpoint-list", "--domain", uuid, "--name", "--topological"]);
  if (list.status !== 0) return failed(list);
  const names = list.stdout.split("\n").filter((each) => each !== "");
  // libvirt allows no such name, and the name becomes part of a path.
  const odd = names.find((each) => !CHECKPOINT_NAME.test(each));
  if (odd !== undefined)
    return failed({
      ...list,
      stderr: `its checkpoint ${JSON.stringify(odd)} has a name that libvirt does not allow`,
    });
  for (const checkpoint of names) {
    const args = ["checkpoint-dumpxml", "--domain", uuid, "--checkpointname", checkpoint, "--no-domain"];
    // Only a running domain has sizes.
    const asked = await virsh([...args, "--size"]);
    const described = asked.status === 0 ? asked : await virsh(args);
    if (described.status !== 0) return failed(described);
    const xml = asked === described ? withoutBroken(described.stdout) : described.stdout;
    files.push({
      path: `checkpoints/${segment}/${checkpoint}.xml`,
      text: tidy(sizes ? xml : xml.replaceAll(/ size='\d+'/g, "")),
    });
  }
  return { files, diagnostics: [] };
}

/**
 * Sizes of the disks, by target. libvirt is asked only where the files do not tell, and of a running domain only while no job runs:
 * see `measureDisks`.
 */
async function sizesOf(
  virsh: Virsh,
  { uuid, disks }: Domain,
  isRunning: boolean,
  measured: ReadonlyMap<string, DiskSize> = new Map(),
): Promise<ReadonlyMap<string, DiskSize>> {
  const isWanted = ({ target, source, device }: Domain["disks"][number]) =>
    source !== undefined && device !== "cdrom" && device !== "floppy" && !measured.has(target);
  const wanted = new Set(disks.filter(isWanted).map(({ target }) => target));
  if (wanted.size === 0) return measured;
  if (isRunning) {
    const job = await virsh(["domjobinfo", "--domain", uuid]);
    if (job.status !== 0 || !/^Job type: +None *$/m.test(job.stdout)) return measured;
  }
  const asked = await virsh(["domblkinfo", "--domain", uuid, "--all"]);
  const told = [...asked.stdout.matchAll(/^ *(\S+) +(\d+) +(\d+) +\d+ *$/gm)].flatMap(
    ([, target = "", capacity, allocation]) =>
      wanted.has(target)
        ? [[target, { capacity: Number(capacity), allocation: roughAllocation(Number(allocation)) }] as const]
        : [],
  );
  return new Map([...measured, ...told]);
}

/** Paths of the disks that are volumes, by target; one whose pool is not active has none. */
async function volumesOf(virsh: Virsh, { disks }: Domain): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>();
  for (const { target, type, source } of disks) {
    if (type !== "volume" || source === undefined) continue;
    // libvirt allows no slash in the name of a pool (seen on libvirt 9.0).
    const at = source.indexOf("/");
    const asked = await virsh(["vol-path", "--pool", source.slice(0, at), "--vol", source.slice(at + 1)]);
    const path = asked.stdout.trim();
    if (asked.status === 0 && path.startsWith("/")) paths.set(target, path);
  }
  return paths;
}

/** Paths and processes of another host mean nothing here. */
async function isLocal(virsh: Virsh): Promise<boolean> {
  const { status, stdout } = await virsh(["uri"]);
  return status === 0 && /^[a-z+]+:\/\/\//.test(stdout.trim());
}

/**
 * libvirt still lists a bitmap that is missing or broken, as after a crash of QEMU or when a disk was replaced; only
 * its size is left out. Such a bitmap is useless, so the checkpoint does not cover the disk any more.
 */
function withoutBroken(xml: string): string {
  return xml.replaceAll(
    /(<disk name='[^']*') checkpoint='bitmap'((?: \w+='[^']*')*)\/>/g,
    (whole, disk: string, others: string) =>
      others.includes(" size='") ? whole : `${disk} checkpoint='no'/>`,
  );
}

/** Removes values that libvirt generates when a domain or a job starts, and that say nothing about disks. */
function withoutRunTime(xml: string): string {
  return tidy(
    xml
      .replace(/^(<domain\b[^>]*?) id='\d+'/m, "$1")
      .replaceAll(/^ *<alias name='[^']*'\/>\n/gm, "")
      .replaceAll(/^ *<seclabel type='dynamic'(?:[^/>]*\/>\n|[\s\S]*?<\/seclabel>\n)/gm, "")
      .replaceAll(/(<(?:source|backingStore|mirror)\b[^>]*?) index='\d+'/g, "$1")
      .replaceAll(/(<console type='pty') tty='[^']*'/g, "$1")
      .replaceAll(/^ *<source path='\/dev\/pts\/\d+'\/>\n/gm, ""),
  );
}

function tidy(text: string): string {
  return `${text.trim()}\n`;
}

/** The daemon's version if virsh prints it; over a remote connection the client may have another. */
function hostJson(version: string, compression: readonly string[] | undefined): string {
  const daemon = /^Running against daemon: (\S+)/m.exec(version)?.[1];
  const library = /^Using library: \S+ (\S+)/m.exec(version)?.[1];
  const qemu = /^Running hypervisor: \S+ (\S+)/m.exec(version)?.[1];
  return jsonText({ libvirt: daemon ?? library, qemu, ...(compression && { compression }) });
}

function jsonText(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function unanswered({ stderr, status }: Answer): Diagnostic {
  return status === null
    ? {
        code: "TM510",
        severity: "error",
        message: "virsh is not on the PATH; tidemark needs it to ask libvirt",
        hint: "install libvirt's clients (libvirt-clients), or write the inventory by hand",
      }
    : {
        code: "TM210",
        severity: "error",
        message: `libvirt does not answer: ${reasonIn(stderr)}`,
        hint: "name the connection, such as qemu:///system or qemu+ssh://root@host/system, with -c or as the uri of the policy's host",
      };
}

function unknownDomain(name: string, known: readonly string[]): Diagnostic {
  return {
    code: "TM210",
    severity: "error",
    message: `libvirt does not know a domain "${name}"`,
    hint: meantOrKnown(name, known, "it knows"),
  };
}

function reasonIn(stderr: string): string {
  const lines = stderr.split("\n").map((line) => line.replace(/^error: /, "").trim());
  return lines.filter((line) => line !== "").join("; ") || "it printed nothing";
}
