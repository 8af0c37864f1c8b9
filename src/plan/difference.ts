import { isDeepStrictEqual } from "node:util";

/** The changes between two plans: `schemas/diff.schema.json`. */
export interface PlanDiff {
  readonly formatVersion: "1.0";
  readonly old: PlanName;
  readonly new: PlanName;
  /** Changes of the plan as a whole that can cost data. */
  readonly planDangers: readonly PlanDanger[];
  /** Changed settings of the whole plan. */
  readonly settings: readonly SettingChange[];
  /** Domains that change: first those with dangerous changes, then by name. */
  readonly domains: readonly DomainDiff[];
  readonly unchangedDomains: number;
  /** How many changes are dangerous. */
  readonly dangers: number;
}

export interface PlanName {
  readonly policy: string;
  /** IANA zone of the policy. */
  readonly timezone: string;
  readonly from: string;
  readonly until: string;
}

export interface DomainDiff {
  readonly name: string;
  /** Host of the domain, or its old host if it is removed; absent if the policy names no hosts. */
  readonly host?: string;
  readonly change: "added" | "removed" | "changed";
  /** Changes that can cost data, the worst first. */
  readonly dangers: readonly Danger[];
  /** Changed settings that are not dangerous. */
  readonly settings: readonly SettingChange[];
  readonly disks: readonly DiskChange[];
  /** Changed runs in the time that both plans cover, and in the time that the new plan adds. */
  readonly runs: readonly RunChange[];
  readonly keptLonger: readonly PointChange[];
  readonly figures: readonly SettingChange[];
}

export interface SettingChange {
  readonly setting: string;
  /** null: not set. */
  readonly old: string | number | null;
  readonly new: string | number | null;
}

export type PlanDanger =
  /** The new policy has another name and does not adopt the old one. */
  | { readonly kind: "policy-renamed"; readonly old: string; readonly new: string }
  /** The rules that keep less than before. */
  | { readonly kind: "retention-loosened"; readonly rules: readonly SettingChange[] }
  | { readonly kind: "repository-moved"; readonly old: string; readonly new: string }
  /** Instants. */
  | { readonly kind: "plan-ends-earlier"; readonly old: string; readonly new: string }
  /** Domains that no entry of the policy names, and that the old plan did not know either. */
  | { readonly kind: "domains-in-no-entry"; readonly domains: readonly string[] }
  /** The hooks and metrics that reported failed runs. */
  | { readonly kind: "failures-untold"; readonly settings: readonly SettingChange[] };

export type Danger =
  /** `points`: how many restore points the domain has. */
  | { readonly kind: "domain-dropped"; readonly reason: string; readonly points: number }
  | { readonly kind: "disk-dropped"; readonly target: string; readonly reason: string }
  /** A disk that is new and in no backup. */
  | { readonly kind: "disk-left-out"; readonly target: string; readonly reason: string }
  | { readonly kind: "restore-points-lost"; readonly points: readonly PointChange[] }
  /** Restore points that the old plan knew and the new plan does not. */
  | {
      readonly kind: "restore-points-forgotten";
      readonly points: readonly string[];
      readonly reason: string;
    }
  /** UUIDs. */
  | { readonly kind: "another-machine"; readonly old: string; readonly new: string }
  | {
      readonly kind: "disk-replaced";
      readonly target: string;
      readonly old: string;
      readonly new: string;
    }
  | {
      readonly kind: "weakened";
      readonly setting: WeakenedSetting;
      readonly old: string;
      readonly new: string;
    }
  /** Seconds. */
  | { readonly kind: "longer-gap"; readonly old: number; readonly new: number }
  | { readonly kind: "chain-restart"; readonly slots: readonly string[]; readonly reason: string }
  | { readonly kind: "plain-tcp"; readonly address: string }
  /** The scratch file of a disk, which was encrypted before. */
  | { readonly kind: "plain-scratch"; readonly target: string };

export type WeakenedSetting = "freeze" | "onStopped" | "onMissingBase" | "onDrift" | "onNewDisk";

export interface DiskChange {
  readonly target: string;
  readonly change: "joins" | "leaves" | "changes";
  readonly what: string;
}

/** Groups of runs that change in the same way. */
export interface RunChange {
  readonly change: "appear" | "vanish" | "move" | "change" | "follow";
  /** `incremental`, `02:00 → 03:00`, `incremental → full`, `vda: another base` … */
  readonly what: string;
  /** Slots, in order; for a move the new slots. */
  readonly slots: readonly string[];
}

/** The run that deletes a restore point in either plan; null: it is kept to the horizon's end. */
export interface PointChange {
  readonly point: string;
  readonly old: string | null;
  readonly new: string | null;
  /** The restore point that it is folded into. */
  readonly foldedInto?: string;
}

/** Whether the future is the same in both plans. */
export function isUnchanged({ planDangers, settings, domains }: PlanDiff): boolean {
  return planDangers.length === 0 && settings.length === 0 && domains.length === 0;
}

/** A setting whose value has changed, as text says it. Two values that differ and read alike are told as JSON. */
export function changed<T>(
  setting: string,
  old: T | undefined,
  now: T | undefined,
  text: (value: T) => string | number,
): SettingChange[] {
  if (isDeepStrictEqual(old, now)) return [];
  const [before, after] = [old, now].map((value) => (value === undefined ? null : text(value)));
  const [json, newJson] = [old, now].map((value) => JSON.stringify(value) ?? null);
  return before === after
    ? [{ setting, old: json ?? null, new: newJson ?? null }]
    : [{ setting, old: before ?? null, new: after ?? null }];
}

type Value = string | number | undefined;

/** The named values that differ. */
export function changes(list: readonly (readonly [string, Value, Value])[]): SettingChange[] {
  return list.flatMap(([setting, old = null, now = null]) => (old === now ? [] : { setting, old, new: now }));
}
