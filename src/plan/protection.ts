import type { HookSettings, Retention } from "../policy/policy.js";
import { type Span, spanSeconds } from "../policy/span.js";
import { changes, type SettingChange, type WeakenedSetting } from "./difference.js";
import type { PlanHeader } from "./plan.js";

/** Values of a setting, from the one that protects least. Those of one rank protect alike. */
const RANKS: Readonly<Record<WeakenedSetting, readonly (readonly string[])[]>> = {
  freeze: [["no"], ["continue-on-failure"], ["fail-on-failure"]],
  onStopped: [["skip"], ["fail"], ["offline-copy"]],
  onMissingBase: [["fail"], ["full", "last-verified"]],
  onDrift: [["fail"], ["full"]],
  onNewDisk: [["refuse"], ["continue"], ["full"]],
};

/** Whether the new value of a setting protects a domain less than the old one. */
export function isWeaker(setting: WeakenedSetting, old: string, now: string): boolean {
  const rank = (value: string) => RANKS[setting].findIndex((values) => values.includes(value));
  return rank(now) < rank(old);
}

/** Rules that keep less than before. Where there was no rule, everything was kept. */
export function loosenedRules(before: Retention, after: Retention): SettingChange[] {
  const rules = [...new Set([...Object.keys(before), ...Object.keys(after)])] as (keyof Retention)[];
  const hasRules = (retention: Retention) =>
    rules.some((rule) => rule !== "keep" && amountOf(retention, rule) > 0);
  if (!hasRules(after)) return [];
  if (!hasRules(before)) {
    return [{ setting: "retention", old: "everything", new: "only what a rule keeps" }];
  }
  const show = (value: Retention[keyof Retention]) =>
    value === undefined ? null : value === -1 ? "all" : typeof value === "number" ? value : textOf(value);
  return rules.flatMap((rule): SettingChange | [] => {
    const [old, now] = [before[rule], after[rule]];
    // Alone, keepFull keeps all that builds on its fulls.
    if (rule === "keepDifferential" && old === undefined && before.keepFull !== undefined)
      return { setting: rule, old: "all of the kept fulls", new: show(now) };
    const isLess = Array.isArray(old)
      ? old.some((point) => !(after.keep ?? []).includes(point))
      : amountOf(after, rule) < amountOf(before, rule);
    return isLess ? { setting: rule, old: show(old), new: show(now) } : [];
  });
}

/** Hooks that may tell somebody that a run failed, or that none succeeded, by the names that messages have for them. */
const TELLING: Readonly<Record<Exclude<keyof HookSettings, "before">, string>> = {
  after: "hook after",
  onSuccess: "hook onSuccess",
  onFailure: "hook onFailure",
};

/** The same of hooks and metrics, with their values. */
export function tellersOf({ hooks, metrics }: PlanHeader): Readonly<Record<string, string | undefined>> {
  const commands = Object.entries(TELLING).map(([hook, name]) => [name, hooks?.[hook as keyof HookSettings]]);
  return { ...Object.fromEntries(commands), metrics: metrics?.directory };
}

/** Those that are gone, where none is left, systemd's among them. */
export function silenced(before: PlanHeader, after: PlanHeader): SettingChange[] {
  const tellers = (plan: PlanHeader) =>
    Object.entries({ ...tellersOf(plan), "systemd onFailure": plan.systemd?.onFailure });
  if (tellers(after).some(([, value]) => value !== undefined)) return [];
  return changes(tellers(before).map(([setting, value]) => [setting, value, undefined]));
}

function textOf(value: Span | readonly string[]): string {
  return "text" in value ? value.text : value.join(", ");
}

/** How much a rule keeps: a count, seconds, or how many names. */
function amountOf(retention: Retention, rule: keyof Retention): number {
  const value = retention[rule];
  if (value === undefined) return 0;
  if (typeof value === "number") return value === -1 ? Number.POSITIVE_INFINITY : value;
  return "text" in value ? spanSeconds(value) : value.length;
}
