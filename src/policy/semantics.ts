import { posix } from "node:path";
import { IANAZone } from "luxon";
import { plural } from "../diagnostics/amounts.js";
import type { DiagnosticCode } from "../diagnostics/codes.js";
import type { Diagnostic, Severity } from "../diagnostics/diagnostic.js";
import { nearest } from "../diagnostics/did-you-mean.js";
import { parseDates, parseHours } from "./blackout.js";
import { parseCron, parseWeekdays } from "./cron.js";
import { isTime, parseTime } from "./horizon.js";
import { isLoopback, pointerSegment } from "./policy.js";
import { BYTES_EXAMPLES, parseBytes, parseShare, parseSpeed } from "./quantity.js";
import { parseSpan, SPAN_EXAMPLES, spanSeconds } from "./span.js";
import type { SourceTree } from "./yaml.js";

/** Placeholders of each kind of path, in `{}`. */
const PLACEHOLDERS: Readonly<Record<"repository" | "target" | "scratch" | "socket", readonly string[]>> = {
  repository: ["host"],
  target: ["repository", "policy", "domain", "uuid", "point", "slot", "disk", "format"],
  scratch: ["policy", "domain", "uuid", "point", "slot", "disk"],
  socket: ["policy", "domain", "uuid"],
};

type Say = (code: DiagnosticCode, message: string, hint: string, severity?: Severity) => void;

interface Visit {
  readonly value: unknown;
  readonly key: string;
  /** Key of the object above, for settings that share a name. */
  readonly parent: string;
  readonly siblings: Readonly<Record<string, unknown>>;
  readonly say: Say;
}

/**
 * What the schema cannot say: that zones, cron expressions, spans, times and templates mean something, paths are
 * absolute, and texts can stand in XML. Looks only at values of the right type, so that it can run beside the schema.
 */
export function checkSemantics(tree: SourceTree): Diagnostic[] {
  const found: Diagnostic[] = [];
  const root = asObject(tree.value);
  walk(tree.value, "", "", {}, (pointer, key, parent, siblings, value) => {
    const say: Say = (code, message, hint, severity = "error") => {
      const location = tree.values.get(pointer);
      found.push({ code, severity, message, hint, ...(location && { location }) });
    };
    for (const check of CHECKS) check({ value, key, parent, siblings, say });
  });
  if (root["ansible"] !== undefined && root["hosts"] === undefined) {
    const location = tree.keys.get("/ansible");
    found.push({
      code: "TM115",
      severity: "error",
      message: "ansible needs hosts, but the policy names none",
      hint: "add hosts: { kvm1: { address: kvm1.example.org } }",
      ...(location && { location }),
    });
  }
  if (root["systemd"] !== undefined) found.push(...checkSystemdZone(tree, root["timezone"]));
  const rules = asObject(root["retention"]);
  // Pins alone, and counts of none, are no rule either.
  const isRuleless = Object.entries(rules).every(([rule, value]) => rule === "keep" || value === 0);
  if (isRuleless && Array.isArray(root["schedule"])) {
    const location = tree.keys.get("/retention") ?? tree.values.get("");
    found.push({
      code: "TM312",
      severity: "warning",
      message: "no retention rule: every restore point is kept for ever",
      hint: "add retention: { keepDaily: 7, keepWeekly: 4 }, or keepLast: -1 if this is intended",
      ...(location && { location }),
    });
  }
  return found;
}

/** For us case does not matter in a zone's name; for systemd it is a file's. */
function checkSystemdZone(tree: SourceTree, zone: unknown): Diagnostic[] {
  if (typeof zone !== "string" || !IANAZone.isValidZone(zone)) return [];
  const exact = Intl.supportedValuesOf("timeZone").find((name) => name.toLowerCase() === zone.toLowerCase());
  if (exact === undefined ? !/^[+-]/.test(zone) : exact === zone) return [];
  const location = tree.values.get("/timezone");
  return [
    {
      code: "TM111",
      severity: "error",
      message: `systemd does not know the time zone "${zone}"`,
      hint: exact === undefined ? "use an IANA name such as Europe/Berlin" : `write "${exact}"`,
      ...(location && { location }),
    },
  ];
}

const CHECKS: readonly ((visit: Visit) => void)[] = [
  checkCharacters,
  checkZone,
  checkCron,
  checkSpan,
  checkMonths,
  checkJitter,
  checkEstimate,
  checkTime,
  checkBlackout,
  checkPlace,
  checkServer,
  checkHostName,
];

function checkCharacters({ value, say }: Visit): void {
  if (typeof value !== "string") return;
  // Tabs and line ends are XML, but in an attribute a reader would turn them into spaces.
  const control = /[\p{Cc}\p{Cs}\ufffe\uffff]/u.exec(value)?.[0];
  if (control === undefined) return;
  const code = `U+${(control.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  say(
    "TM403",
    `the text contains the control character ${code}; names, paths and commands are one line of plain text`,
    control === "\n"
      ? "write the text on one line; >- in YAML joins several lines into one"
      : "remove the character",
  );
}

function checkZone({ key, parent, value, say }: Visit): void {
  if (key !== "timezone" || parent !== "" || typeof value !== "string" || IANAZone.isValidZone(value)) return;
  const meant = nearest(value, Intl.supportedValuesOf("timeZone"));
  say(
    "TM111",
    `there is no time zone "${value}"`,
    meant === undefined ? "use an IANA name such as Europe/Berlin" : `did you mean "${meant}"?`,
  );
}

function checkCron({ key, parent, value, say }: Visit): void {
  const inList = parent === "at" && /^\d+$/.test(key);
  if ((key !== "at" && !inList) || typeof value !== "string") return;
  const read = parseCron(value);
  if ("fields" in read) return;
  say(
    "TM110",
    `the cron expression "${value}" is not valid: ${read.problem}`,
    'write five fields: minute hour day month weekday, such as "0 2 * * mon-sat" or "0 2 * * sun#1"; or @daily, @weekly, @monthly',
  );
}

function checkSpan({ key, parent, value, say }: Visit): void {
  const isSpan =
    key.startsWith("keepWithin") ||
    (parent === "horizon" && key === "for") ||
    key === "maxChainAge" ||
    key === "jitter" ||
    key === "timeLimit";
  if (!isSpan || typeof value !== "string" || parseSpan(value) !== undefined) return;
  const meant = value.replace(/(\d)m$/, "$1min");
  say(
    parent === "horizon" ? "TM112" : "TM108",
    `"${value}" is not a span of time`,
    parseSpan(meant) === undefined
      ? `write a span such as ${SPAN_EXAMPLES}`
      : `m means months; did you mean "${meant}"?`,
  );
}

/** `10m` is ten months here: no job takes that, and no one counts more than twelve months by months. */
function checkMonths({ key, parent, value, say }: Visit): void {
  if (typeof value !== "string") return;
  const months = parseSpan(value)?.months ?? 0;
  const isHorizon = parent === "horizon" && key === "for";
  const isLimit = key === "timeLimit";
  if (isLimit ? months === 0 : months <= 12 || !(isHorizon || COUNTED_IN_MONTHS.has(key))) return;
  const years = `${Math.floor(months / 12)}y${months % 12 === 0 ? "" : `${months % 12}m`}`;
  const minutes = `m means months; for minutes write ${value.replace(/(\d)m(?!in)/, "$1min")}`;
  say(
    "TM117",
    `${isHorizon ? "the horizon" : key} is ${months} ${plural(months, "month")}`,
    isLimit || value !== `${months}m` ? minutes : `${minutes}, and for ${months} months write ${years}`,
    "warning",
  );
}

/** Spans that may well be some months, and may well have been meant as minutes. */
const COUNTED_IN_MONTHS: ReadonlySet<string> = new Set(["maxChainAge", "keepWithinHourly"]);

/** `30m` is thirty months here; whoever writes it as a jitter means minutes. */
function checkJitter({ key, parent, value, say }: Visit): void {
  if (key !== "jitter" || parent !== "" || typeof value !== "string") return;
  const span = parseSpan(value);
  if (span === undefined || spanSeconds(span) <= 24 * 60 * 60) return;
  const minutes = /^(\d+)m$/.exec(value)?.[1];
  say(
    "TM108",
    `a jitter of ${value} is more than a day`,
    minutes === undefined ? "write a shorter span, such as 30min" : `m means months; write ${minutes}min`,
  );
}

function checkTime({ key, parent, value, siblings, say }: Visit): void {
  if (typeof value !== "string") return;
  const inHorizon = parent === "horizon" && (key === "from" || key === "until");
  const inSchedule = siblings["at"] !== undefined && (key === "start" || key === "until");
  if ((inHorizon || inSchedule) && !isTime(value)) {
    say(
      inHorizon ? "TM112" : "TM108",
      `"${value}" is not a time`,
      "write a date (2026-12-01), a local time (2026-12-01T12:00) or an instant (2026-12-01T12:00:00Z)",
    );
  }
  const start = siblings["start"];
  if (inSchedule && key === "until" && typeof start === "string" && isTime(value) && isTime(start)) {
    const [from, until] = [start, value].map((text) => parseTime(text, "UTC")?.toMillis() ?? 0) as [
      number,
      number,
    ];
    if (until <= from)
      say(
        "TM108",
        `the entry ends (${value}) before it begins (${start})`,
        "set until to a time after start",
      );
  }
  const pinned = parent === "keep" ? /^\d+$/.test(key) : parent === "retention" && key === "keep";
  if (pinned && !/-\d{8}T\d{6}Z$/.test(value) && !(/^\d{4}-\d\d-\d\d$/.test(value) && isTime(value))) {
    say(
      "TM108",
      `"${value}" is neither a date nor the name of a restore point`,
      "write 2026-12-24, or nightly-20261224T010000Z",
    );
  }
}

const ESTIMATE_PARTS: Readonly<Record<string, { reads: (text: string) => unknown; examples: string }>> = {
  size: { reads: parseBytes, examples: BYTES_EXAMPLES },
  changedPerDay: { reads: parseShare, examples: "3%, 2GiB" },
  speed: { reads: parseSpeed, examples: "200MiB/s" },
};

function checkEstimate({ key, parent, value, say }: Visit): void {
  const part = parent === "estimate" ? ESTIMATE_PARTS[key] : undefined;
  if (part === undefined || typeof value !== "string" || part.reads(value) !== undefined) return;
  say("TM108", `"${value}" is not a valid ${key}`, `write a value such as ${part.examples}`);
}

const BLACKOUT_PARTS: Readonly<Record<string, { reads: (text: string) => unknown; hint: string }>> = {
  dates: {
    reads: parseDates,
    hint: "write 2026-12-24 or 2026-12-24..2026-12-26; without a year, 12-24..01-02 holds in every year",
  },
  weekdays: { reads: parseWeekdays, hint: "write mon-fri or sat,sun" },
  hours: { reads: parseHours, hint: "write 08:00-18:00, or 22:00-06:00 for a night" },
};

function checkBlackout({ key, parent, value, say }: Visit): void {
  const name = /^\d+$/.test(key) ? parent : key;
  const part = BLACKOUT_PARTS[name];
  if (part === undefined || typeof value !== "string" || part.reads(value) !== undefined) return;
  say("TM108", `"${value}" is not valid in ${name}`, part.hint);
}

function checkPlace({ key, parent, siblings, value, say }: Visit): void {
  if (typeof value !== "string") return;
  const kind = key === "block" ? parent : key;
  if (kind === "directory" && ["ansible", "systemd", "metrics"].includes(parent)) {
    if (!posix.isAbsolute(value)) say("TM406", `the path "${value}" is not absolute`, "begin it with /");
    return;
  }
  if (kind === "repository" && parent !== "") return;
  if (kind !== "repository" && kind !== "target" && kind !== "scratch" && kind !== "socket") return;
  const isOfNoHost = kind === "repository" && siblings["hosts"] === undefined;
  const known = isOfNoHost ? [] : PLACEHOLDERS[kind];
  for (const [, name = ""] of value.matchAll(/\{([^{}]*)\}/g)) {
    if (known.includes(name)) continue;
    const meant = nearest(name, known);
    // Else a repository's braces are its own.
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
  if (!posix.isAbsolute(value) && !(kind === "target" && value.startsWith("{repository}")))
    absolute(value, say);
}

function absolute(path: string, say: Say): void {
  say("TM406", `the path "${path}" is not absolute; libvirt accepts only absolute paths`, "begin it with /");
}

function checkServer({ key, parent, value, siblings, say }: Visit): void {
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

/** A host's plan is a folder beside the files of the whole. */
function checkHostName({ key, parent, value, say }: Visit): void {
  if (parent !== "hosts" || (typeof value !== "object" && value !== undefined)) return;
  if (!isHostName(key)) say("TM108", `"${key}" is not allowed as the name of a host`, HOST_NAME_HINT);
}

export function isHostName(name: string): boolean {
  return /^[A-Za-z0-9_][A-Za-z0-9_.-]{0,63}$/.test(name) && !RESERVED_HOSTS.has(name.toLowerCase());
}

export const HOST_NAME_HINT =
  "use at most 64 letters, digits, _ . and -; the host's plan is in a folder of this name, so ansible is not allowed";

const RESERVED_HOSTS: ReadonlySet<string> = new Set(["ansible", "plan.md", "fleet.json"]);

function walk(
  value: unknown,
  pointer: string,
  key: string,
  above: Readonly<Record<string, unknown>>,
  visit: (
    pointer: string,
    key: string,
    parent: string,
    siblings: Readonly<Record<string, unknown>>,
    value: unknown,
  ) => void,
  parent = "",
): void {
  visit(pointer, key, parent, above, value);
  if (typeof value !== "object" || value === null) return;
  const entries = value as Readonly<Record<string, unknown>>;
  for (const [name, inner] of Object.entries(entries)) {
    walk(inner, `${pointer}${pointerSegment(name)}`, name, entries, visit, key);
  }
}

function asObject(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : {};
}
