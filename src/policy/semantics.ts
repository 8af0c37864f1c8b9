import { IANAZone } from "luxon";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { checkHostName, checkPath, checkServer } from "./check-paths.js";
import {
  checkBandwidth,
  checkBlackout,
  checkCron,
  checkJitter,
  checkMonths,
  checkSpan,
  checkTime,
  checkZone,
} from "./check-times.js";
import { parseMode } from "./permissions.js";
import { isSession, pointerSegment } from "./policy.js";
import {
  BYTES_EXAMPLES,
  parseBandwidth,
  parseBytes,
  parseMargin,
  parseShare,
  parseSpeed,
} from "./quantity.js";
import type { Say, Visit } from "./visit.js";
import type { SourceTree } from "./yaml.js";

/**
 * Checks what the schema cannot check: that zones, cron expressions, spans, times and templates are valid, that paths are absolute, and
 * that texts are allowed in XML. It skips values of a wrong type, which the schema reports.
 */
export function checkSemantics(tree: SourceTree): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const root = asObject(tree.value);
  walk(tree.value, "", "", {}, (pointer, key, parent, siblings, value) => {
    const say: Say = (code, message, hint, severity = "error") => {
      const location = tree.values.get(pointer);
      diagnostics.push({ code, severity, message, hint, ...(location && { location }) });
    };
    // The keys of conditions on metadata are names of others.
    const checks = pointer.includes("/where/") ? [checkCharacters] : CHECKS;
    for (const check of checks) check({ value, pointer, key, parent, siblings, say });
  });
  if (root["ansible"] !== undefined && root["hosts"] === undefined) {
    const location = tree.keys.get("/ansible");
    diagnostics.push({
      code: "TM115",
      severity: "error",
      message: "ansible needs hosts, but the policy names none",
      hint: "add hosts: { kvm1: { address: kvm1.example.org } }",
      ...(location && { location }),
    });
  }
  if (root["systemd"] !== undefined) diagnostics.push(...checkSystemdZone(tree, root["timezone"]));
  diagnostics.push(...checkUserUnits(tree));
  const rules = asObject(root["retention"]);
  // A list of pinned restore points, and a count of zero, are no rules.
  const isRuleless = Object.entries(rules).every(([rule, value]) => rule === "keep" || value === 0);
  if (isRuleless && Array.isArray(root["schedule"])) {
    const location = tree.keys.get("/retention") ?? tree.values.get("");
    diagnostics.push({
      code: "TM312",
      severity: "warning",
      message: "no retention rule: every restore point is kept for ever",
      hint: "add retention: { keepDaily: 7, keepWeekly: 4 }, or keepLast: -1 if this is intended",
      ...(location && { location }),
    });
  }
  return diagnostics;
}

/** tidemark ignores case in the name of a zone, but for systemd it is the name of a file. */
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

/** Units for `qemu:///session` are those of a user, who has no folder in `/var/lib`; and the playbook installs units of the system. */
function checkUserUnits(tree: SourceTree): Diagnostic[] {
  const root = asObject(tree.value);
  const { connect, directory } = asObject(root["systemd"]);
  if (typeof connect !== "string" || !isSession(connect)) return [];
  const diagnostics: Diagnostic[] = [];
  if (directory === undefined) {
    const location = tree.values.get("/systemd/connect");
    diagnostics.push({
      code: "TM115",
      severity: "error",
      message: `the units for ${connect} are those of a user, and systemd has no directory for the plan`,
      hint: "add a folder of the user, such as directory: /home/NAME/tidemark/POLICY",
      ...(location && { location }),
    });
  }
  if (root["ansible"] !== undefined) {
    const location = tree.keys.get("/ansible");
    diagnostics.push({
      code: "TM114",
      severity: "error",
      message: `the playbook installs units of the system, and the units for ${connect} are those of a user`,
      hint: "remove ansible, and install the units as the user; or remove systemd, and let the playbook run what is due",
      ...(location && { location }),
    });
  }
  return diagnostics;
}

const CHECKS: readonly ((visit: Visit) => void)[] = [
  checkCharacters,
  checkZone,
  checkCron,
  checkSpan,
  checkMonths,
  checkJitter,
  checkAmount,
  checkTime,
  checkBlackout,
  checkBandwidth,
  checkPath,
  checkServer,
  checkHostName,
  checkConnection,
];

/** A run refuses such a connection as well (`templates/lib/evidence.bash`). */
function checkConnection({ key, parent, value, say }: Visit): void {
  if (parent !== "systemd" || key !== "connect" || typeof value !== "string") return;
  if (!/^[^:]*:\/\/[^/]/.test(value)) return;
  say(
    "TM108",
    `the connection ${value} is to another host, and a run reads and writes files of its own host`,
    "run the plan on that host, with a connection such as qemu:///system; for a fleet, see hosts and ansible",
  );
}

function checkCharacters({ value, say }: Visit): void {
  if (typeof value !== "string") return;
  // XML allows tabs and line ends, but a reader turns them into spaces in an attribute.
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

/** Settings that are amounts, by their pointers. */
const AMOUNTS: readonly {
  readonly of: RegExp;
  readonly reads: (text: string) => unknown;
  readonly examples: string;
}[] = [
  { of: /\/estimate\/size$/, reads: parseBytes, examples: BYTES_EXAMPLES },
  { of: /\/estimate\/changedPerDay$/, reads: parseShare, examples: "3%, 2GiB" },
  { of: /\/estimate\/speed$/, reads: parseSpeed, examples: "200MiB/s" },
  {
    of: /^\/(defaults|domains\/[^/]+)\/bandwidth(\/\d+\/limit)?$/,
    reads: parseBandwidth,
    examples: "80MiB/s, or unlimited",
  },
  { of: /^\/spaceMargin$/, reads: parseMargin, examples: "10%, 2GiB, 10% + 16MiB" },
  {
    of: /^\/permissions\/mode$/,
    reads: parseMode,
    examples: '"0640" or "0600", in quotes: the owner reads and writes, and others at most read',
  },
];

function checkAmount({ pointer, key, value, say }: Visit): void {
  const amount = AMOUNTS.find(({ of }) => of.test(pointer));
  if (amount === undefined || typeof value !== "string" || amount.reads(value) !== undefined) return;
  say("TM108", `"${value}" is not a valid ${key}`, `write a value such as ${amount.examples}`);
}

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
