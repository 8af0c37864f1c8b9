import { nearest } from "../diagnostics/did-you-mean.js";
import { isAbsolutePath, isPathTemplate } from "./path.js";
import { isLoopback } from "./policy.js";
import type { Say, Visit } from "./visit.js";

/** Placeholders of each kind of path, in `{}`. */
const PLACEHOLDERS: Readonly<Record<"repository" | "target" | "scratch" | "socket", readonly string[]>> = {
  repository: ["host"],
  target: ["repository", "policy", "domain", "uuid", "point", "slot", "disk", "format"],
  scratch: ["policy", "domain", "uuid", "point", "slot", "disk"],
  socket: ["policy", "domain", "uuid"],
};

export function checkPath({ key, parent, siblings, value, say }: Visit): void {
  if (typeof value !== "string") return;
  const kind = key === "block" ? parent : key;
  if (kind === "directory" && ["ansible", "systemd", "metrics"].includes(parent)) {
    if (!isAbsolutePath(value)) say("TM406", `the path "${value}" is not absolute`, "begin it with /");
    return;
  }
  if (kind === "repository" && parent !== "") return;
  if (kind !== "repository" && kind !== "target" && kind !== "scratch" && kind !== "socket") return;
  const isOfNoHost = kind === "repository" && siblings["hosts"] === undefined;
  const known = isOfNoHost ? [] : PLACEHOLDERS[kind];
  for (const [, name = ""] of value.matchAll(/\{([^{}]*)\}/g)) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    // Other braces are a part of the repository's name.
    if (kind === "repository" && !PLACEHOLDERS.target.includes(name) && nearest(name, ["host"]) === undefined)
      continue;
    say(
      "TM113",
      `{${name}} is not a placeholder of ${kind}`,
      isOfNoHost
        ? "remove the braces; the repository has a placeholder, {host}, only if the policy names hosts"
        : meant === undefined
          ? `placeholders: ${known.map((each) => `{${each}}`).join(" ")}`
          : `did you mean "{${meant}}"?`,
    );
  }
  if (!(kind === "target" ? isPathTemplate(value) : isAbsolutePath(value))) absolute(value, say);
}

function absolute(path: string, say: Say): void {
  say("TM406", `the path "${path}" is not absolute; libvirt accepts only absolute paths`, "begin it with /");
}

export function checkServer({ key, parent, value, siblings, say }: Visit): void {
  if (parent !== "server" || key !== "host" || typeof value !== "string" || siblings["tls"] === true) return;
  if (isLoopback(value)) {
    say(
      "TM116",
      `every user of the host, containers that share its network among them, can read the disks at ${value} while a backup runs`,
      "let it listen on a Unix socket, or set tls: true",
      "warning",
    );
    return;
  }
  say(
    "TM116",
    `anyone who can reach ${value} can read the disks without encryption while a backup runs`,
    "set tls: true, or listen on a Unix socket",
    "warning",
  );
}

/** The plan of a host is a folder beside the files of the fleet, so their names must differ. */
export function checkHostName({ key, parent, value, siblings, say }: Visit): void {
  if (parent !== "hosts" || (typeof value !== "object" && value !== undefined)) return;
  const wrong = hostNameTrouble(key, Object.keys(siblings));
  if (wrong !== undefined) say("TM108", wrong.message, wrong.hint);
}

/** Why a host cannot have that name among the others. Of two names that are too similar, the second one is reported. */
export function hostNameTrouble(
  name: string,
  names: readonly string[],
): { readonly message: string; readonly hint: string } | undefined {
  if (!isHostName(name))
    return { message: `"${name}" is not allowed as the name of a host`, hint: HOST_NAME_HINT };
  const twin = names
    .slice(0, names.indexOf(name))
    .find((other) => other.toLowerCase() === name.toLowerCase());
  return twin === undefined
    ? undefined
    : {
        message: `the hosts "${twin}" and "${name}" differ in upper and lower case only`,
        hint: "rename one of them: on a file system that ignores case, both plans would be in one folder",
      };
}

function isHostName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/.test(name) && !RESERVED_HOSTS.has(name.toLowerCase());
}

const HOST_NAME_HINT =
  "use at most 64 letters, digits, _ . and -; the host's plan is in a folder of this name, so ansible is not allowed";

const RESERVED_HOSTS: ReadonlySet<string> = new Set(["ansible", "plan.md", "fleet.json"]);
