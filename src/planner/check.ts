import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Host } from "../inventory/inventory.js";
import { type Broken, checkCall } from "../libvirt/check-call.js";
import type { Checkpoint } from "../libvirt/checkpoint.js";
import { FEATURES, lacking, type Versions } from "../libvirt/features.js";
import { backupDocument, checkpointDocument, fallbackDocument } from "../plan/documents.js";
import type { DomainPlan } from "../plan/plan.js";
import { NAMED, replay } from "../plan/replay.js";
import { type Horizon, located, type Policy } from "../policy/policy.js";
import type { Slot } from "./calendar/schedule.js";
import { adviceOf, SETTING_OF } from "./domain/advice.js";
import type { DomainPaths } from "./domain/paths.js";
import type { ResolvedDomain } from "./fleet/resolve.js";

/** The versions that a policy is compiled for: those in the policy, otherwise those in the inventory. */
export function versionsFor(policy: Policy, host: Host): Versions {
  return { libvirt: host.libvirt, qemu: host.qemu, ...policy.versions };
}

/**
 * Checks the slots before any domain is planned: whether there are none, whether fulls are lost, whether chains never
 * end.
 */
export function checkSchedule(
  policy: Policy,
  horizon: Horizon,
  slots: readonly Slot[],
  blackedOut: readonly Slot[],
): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  if (slots.length === 0) {
    diagnostics.push({
      code: "TM308",
      severity: "error",
      message: `the schedule does not fire between ${horizon.from} and ${horizon.until}`,
      hint:
        blackedOut.length > 0
          ? `${blackedOut.length} slots are in blackouts; make the horizon longer or the blackouts shorter`
          : "make the horizon longer, or correct the cron expressions",
      ...located(policy, "/schedule"),
    });
  }
  const lostFulls = blackedOut.filter((slot) => slot.level === "full");
  if (lostFulls[0] !== undefined) {
    diagnostics.push({
      code: "TM314",
      severity: "warning",
      message: `${lostFulls.length} ${lostFulls.length === 1 ? "full is in a blackout" : "fulls are in blackouts"}, the first at ${lostFulls[0].local}, and not made up for`,
      hint: "chains become longer; move the full out of the blackout, or limit chains with maxChainLength",
      ...located(policy, policy.except.length > 0 ? "/except" : "/schedule"),
    });
  }
  const levels = new Set(policy.schedule.map((entry) => entry.level));
  const counts = Object.values(policy.retention);
  const folds = policy.consolidate && counts.length > 0 && !counts.includes(-1);
  const bounded = folds || policy.maxChainLength !== undefined || policy.maxChainAge !== undefined;
  if (!levels.has("full") && !bounded) {
    diagnostics.push({
      code: "TM310",
      severity: "warning",
      message: "no full is scheduled, so each chain grows without limit after its first run",
      hint: 'add a full, such as { level: full, at: "@weekly" }, set maxChainLength, or consolidate: true',
      ...located(policy, "/schedule"),
    });
  }
  return diagnostics;
}

/** Checks a whole plan before any run is planned: whether the versions support what it needs. */
export function checkHost(
  policy: Policy,
  host: Host,
  wantsCheckpoints: boolean,
  name = "the host",
): Diagnostic[] {
  const diagnostics: Diagnostic[] = [];
  const feature = wantsCheckpoints ? FEATURES.incremental : FEATURES.fullBackup;
  for (const { part, needs, has } of lacking(feature, versionsFor(policy, host))) {
    const isFromPolicy = policy.versions?.[part] !== undefined;
    diagnostics.push({
      code: "TM404",
      severity: "error",
      message: `${feature.title} need ${part} ${needs} or newer, but ${isFromPolicy ? `the policy is for ${has}` : `${name} has ${has}`}`,
      hint: wantsCheckpoints ? "schedule only fulls, or update the host" : "update the host",
      ...located(policy, isFromPolicy ? `/versions/${part}` : "/schedule"),
    });
  }
  if (!wantsCheckpoints && diagnostics.length === 0) {
    for (const { needs, has } of lacking(FEATURES.perDiskMode, versionsFor(policy, host))) {
      diagnostics.push({
        code: "TM404",
        severity: "info",
        message: `${FEATURES.perDiskMode.title} is known for certain only from libvirt ${needs} on, and this plan is for ${has}; its documents set none, which makes a full of all disks`,
        hint: "nothing is lost: the schedule has only fulls",
        ...located(policy, "/schedule"),
      });
    }
  }
  return diagnostics;
}

/** Checks whether a host can compress images as the policy asks. One diagnostic for each host: all its disks share qemu-img. */
export function checkCompression(
  policy: Policy,
  host: Host,
  domains: readonly { readonly domain: ResolvedDomain; readonly paths?: DomainPaths }[],
  name = "the host",
): Diagnostic[] {
  const disk = domains
    .flatMap(({ paths }) => paths?.disks ?? [])
    .find(({ compress }) => compress !== undefined);
  if (disk === undefined) return [];
  const refuse = (message: string, hint: string): Diagnostic => ({
    code: "TM404",
    severity: "error",
    message,
    hint,
    ...located(policy, disk.choice.resolved.origins.of("compress")),
  });
  const [old] = lacking(FEATURES.zstd, versionsFor(policy, host));
  if (old !== undefined) {
    const has = policy.versions?.[old.part] === undefined ? `${name} has` : "the policy is for";
    return [
      refuse(
        `${FEATURES.zstd.title} need QEMU ${old.needs} or newer, but ${has} ${old.has}`,
        "remove compress, or update the host",
      ),
    ];
  }
  if (host.compression === undefined || host.compression.includes("zstd")) return [];
  return [
    refuse(
      `the qemu-img of ${name} cannot compress with zstd, only with ${host.compression.join(", ") || "nothing"}`,
      "remove compress, or install a qemu-img that was built with zstd and capture the inventory again",
    ),
  ];
}

/**
 * Checks the documents of a domain's runs with libvirt's rules. Of the runs that differ only in names, one is checked.
 */
export function checkRuns(policy: Policy, domain: ResolvedDomain, plan: DomainPlan): Diagnostic[] {
  const { facts } = domain;
  const byText = new Map<string, Diagnostic>();
  const shapes = new Set<string>();
  const documents = new Map<string, Checkpoint>(facts.checkpoints.map((each) => [each.name, each]));
  const start = { points: plan.found, checkpoints: [...documents.keys()] };
  for (const { run, before } of replay(NAMED, start, plan.runs)) {
    const made = checkpointDocument(plan, run);
    const shape = run.disks.map(({ target, level, bitmap }) => `${target} ${level} ${bitmap}`).join();
    if (!shapes.has(shape)) {
      shapes.add(shape);
      const there = before.checkpoints.flatMap((name) => documents.get(name) ?? []);
      for (const backup of [
        backupDocument(plan, run),
        ...(run.level === "full" ? [] : [fallbackDocument(plan, run)]),
      ]) {
        for (const breach of checkCall({ backup, ...(made && { checkpoint: made }) }, facts.domain, there)) {
          const diagnostic = asDiagnostic(policy, domain, breach);
          byText.set(`${diagnostic.code} ${diagnostic.message}`, diagnostic);
        }
      }
    }
    if (made !== undefined) documents.set(made.name, made);
  }
  return [...byText.values()];
}

/** A breach as a diagnostic at the location of the policy that causes it, with the disk that is affected. */
function asDiagnostic(policy: Policy, domain: ResolvedDomain, breach: Broken): Diagnostic {
  const { rule, disk: target, part } = breach;
  const resolved = domain.disks.find((disk) => disk.target === target);
  const { origins } = resolved ?? domain;
  const disk = domain.facts.domain.disks.find((each) => each.target === target);
  return {
    code: rule.code,
    severity: rule.passes ? "warning" : (breach.severity ?? "error"),
    message: breach.message,
    hint: adviceOf(rule.code) ?? breach.hint,
    ...located(
      policy,
      part === "name" ? "/name" : part === undefined ? origins.entry : origins.of(SETTING_OF[part]),
    ),
    ...(disk?.location && {
      related: [
        { location: disk.location, message: `the disk "${disk.target}" of "${domain.facts.domain.name}"` },
      ],
    }),
  };
}
