import { asked, type Decisions, notShown, shown } from "./decisions.js";
import { changed, type Danger, type DiskChange } from "./difference.js";
import type { DomainPlan, PlannedDisk } from "./plan.js";

/** What has changed of a disk that both plans know. */
interface DiskChanges {
  readonly dangers?: readonly Danger[];
  readonly what?: readonly string[];
}

type DiskComparison = (one: PlannedDisk, other: PlannedDisk, domain: DomainPlan) => DiskChanges;

const DISK: Decisions<PlannedDisk, DiskComparison> = {
  target: notShown("disks are matched by it"),
  type: property("type"),
  device: property("device"),
  format: property("format"),
  source: shown(({ target, leftOut, source: old }, { source: now }) =>
    leftOut === undefined && old !== undefined && now !== undefined && old !== now
      ? { dangers: [{ kind: "disk-replaced", target, old, new: now }] }
      : { what: arrows("source", old, now, String) },
  ),
  // A disk that joins or leaves the backups is shown as such.
  leftOut: shown((one, other) => ({ what: arrows("left out", one.leftOut, other.leftOut, String) })),
  noCheckpoint: shown(({ noCheckpoint: old }, { noCheckpoint: now, leftOut }) => {
    if (leftOut !== undefined || (old === undefined) === (now === undefined)) return {};
    const what =
      now === undefined ? "covered by checkpoints from now on" : `a full in each run from now on: ${now}`;
    return { what: [what] };
  }),
  compress: shown((one, other) => ({ what: arrows("compress", one.compress, other.compress, String) })),
  scratchSecret: shown((one, other, { mode }) => ({
    dangers:
      one.scratchSecret !== undefined && other.scratchSecret === undefined && mode === "pull"
        ? [{ kind: "plain-scratch", target: other.target }]
        : [],
    what: arrows("scratchSecret", one.scratchSecret, other.scratchSecret, (secret) =>
      "usage" in secret ? secret.usage : secret.uuid,
    ),
  })),
  seclabels: shown((one, other) => ({
    what: arrows("seclabels", one.seclabels, other.seclabels, (labels) =>
      labels
        .map((each) => ("label" in each ? `${each.model} ${each.label}` : `${each.model}, not relabelled`))
        .join("; "),
    ),
  })),
};

function property(key: "type" | "device" | "format"): {
  rounds: readonly ["direct"];
  compare: DiskComparison;
} {
  return {
    rounds: ["direct"],
    compare: (one, other) => ({ what: arrows(key, one[key], other[key], String) }),
  };
}

function arrows<T>(
  setting: string,
  old: T | undefined,
  now: T | undefined,
  text: (value: T) => string,
): string[] {
  return changed(setting, old, now, text).map(
    (each) => `${each.setting} ${each.old ?? "none"} → ${each.new ?? "none"}`,
  );
}

/** The disks of a domain in two plans; the documents name all of them, also those that no backup holds. */
export function diffDisks(
  was: DomainPlan,
  is: DomainPlan,
): { readonly disks: readonly DiskChange[]; readonly dangers: readonly Danger[] } {
  const old = new Map(was.disks.map((disk) => [disk.target, disk]));
  const now = new Map(is.disks.map((disk) => [disk.target, disk]));
  const all = [...new Set([...old.keys(), ...now.keys()])].map((target) =>
    diffDisk(target, old.get(target), now.get(target), is),
  );
  return {
    disks: all.flatMap(({ disks }) => disks),
    dangers: all.flatMap(({ dangers }) => dangers),
  };
}

function diffDisk(
  target: string,
  one: PlannedDisk | undefined,
  other: PlannedDisk | undefined,
  is: DomainPlan,
): { readonly disks: readonly DiskChange[]; readonly dangers: readonly Danger[] } {
  const isIn = (disk: PlannedDisk | undefined) => disk !== undefined && disk.leftOut === undefined;
  const change = (kind: DiskChange["change"], what: string): DiskChange => ({ target, change: kind, what });
  if (isIn(one) && !isIn(other)) {
    const reason = other?.leftOut ?? "the domain no longer has it";
    return { disks: [change("leaves", reason)], dangers: [{ kind: "disk-dropped", target, reason }] };
  }
  if (!isIn(one) && isIn(other)) return { disks: [change("joins", "backed up from now on")], dangers: [] };
  if (one === undefined || other === undefined) {
    const dangers = other === undefined ? [] : leftOut(other);
    const what =
      other === undefined
        ? "the domain no longer has it; no backup held it"
        : `it is new, and no backup holds it: ${other.leftOut}`;
    return { disks: dangers.length > 0 ? [] : [change("changes", what)], dangers };
  }
  const all = asked(DISK, "direct").map((compare) => compare(one, other, is));
  const what = all.flatMap((each) => each.what ?? []);
  return {
    disks: what.length > 0 ? [change("changes", what.join(", "))] : [],
    dangers: all.flatMap(({ dangers = [] }) => dangers),
  };
}

/** The danger of a new disk that is left out. Empty drives and read-only images are no danger. */
export function leftOut({ target, device, leftOut: reason }: PlannedDisk): Danger[] {
  return reason === undefined || device !== "disk" ? [] : [{ kind: "disk-left-out", target, reason }];
}
