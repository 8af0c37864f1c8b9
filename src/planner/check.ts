import type { Diagnostic } from "../diagnostics/diagnostic.js";
import type { Host } from "../inventory/inventory.js";
import { type Broken, checkCall } from "../libvirt/check-call.js";
import type { Checkpoint } from "../libvirt/checkpoint.js";
import { FEATURES, lacking, type Versions } from "../libvirt/features.js";
import { MAX_CHECKPOINT_NAME } from "../libvirt/rules/checkpoint-name.js";
import { backupDocument, checkpointDocument, fallbackDocument } from "../plan/documents.js";
import type { DomainPlan } from "../plan/plan.js";
import { type Policy, placed } from "../policy/policy.js";
import type { ResolvedDomain } from "./resolve.js";

/** The versions that a policy is compiled for: its own word, else the inventory's. */
export function versionsFor(policy: Policy, host: Host): Versions {
  return { libvirt: host.libvirt, qemu: host.qemu, ...policy.versions };
}

/** What can be said of a whole plan before any run: versions and names. */
export function checkHost(policy: Policy, host: Host, wantsCheckpoints: boolean): Diagnostic[] {
  const found: Diagnostic[] = [];
  const feature = wantsCheckpoints ? FEATURES.incremental : FEATURES.fullBackup;
  for (const { part, needs, has } of lacking(feature, versionsFor(policy, host))) {
    const own = policy.versions?.[part] !== undefined;
    found.push({
      code: "TM404",
      severity: "error",
      message: `${feature.title} need ${part} ${needs} or newer, and ${own ? `the policy is for ${has}` : `the host has ${has}`}`,
      hint: wantsCheckpoints ? "schedule only fulls, or update the host" : "update the host",
      ...placed(policy, own ? `/versions/${part}` : "/schedule"),
    });
  }
  if (!wantsCheckpoints && found.length === 0) {
    for (const { needs, has } of lacking(FEATURES.perDiskMode, versionsFor(policy, host))) {
      found.push({
        code: "TM404",
        severity: "info",
        message: `${FEATURES.perDiskMode.title} is sure to be known from libvirt ${needs} on, and this plan is for ${has}: its documents name none, which makes a full of all disks`,
        hint: "nothing is lost: the schedule has only fulls",
        ...placed(policy, "/schedule"),
      });
    }
  }
  const length = policy.name.length + "-YYYYMMDDTHHMMSSZ".length;
  if (length > MAX_CHECKPOINT_NAME) {
    found.push({
      code: "TM401",
      severity: "error",
      message: `checkpoint names would be ${length} characters long, and libvirt cannot save more than ${MAX_CHECKPOINT_NAME} safely`,
      hint: "shorten the policy's name",
      ...placed(policy, "/name"),
    });
  }
  return found;
}

/**
 * Holds the documents of a domain's runs against libvirt's rules, a shape of run at a time: the runs that differ in names only
 * are all well if one is. `there` are the checkpoints that the host has before the first.
 */
export function checkRuns(policy: Policy, domain: ResolvedDomain, plan: DomainPlan): Diagnostic[] {
  const { facts } = domain;
  const found = new Map<string, Diagnostic>();
  const shapes = new Set<string>();
  let there: readonly Checkpoint[] = facts.checkpoints;
  for (const run of plan.runs) {
    const made = checkpointDocument(plan, run);
    const shape = run.disks.map(({ target, level, bitmap }) => `${target} ${level} ${bitmap}`).join();
    if (!shapes.has(shape)) {
      shapes.add(shape);
      for (const backup of [
        backupDocument(plan, run),
        ...(run.level === "full" ? [] : [fallbackDocument(plan, run)]),
      ]) {
        for (const breach of checkCall({ backup, ...(made && { checkpoint: made }) }, facts.domain, there)) {
          const diagnostic = asDiagnostic(policy, domain, breach);
          found.set(`${diagnostic.code} ${diagnostic.message}`, diagnostic);
        }
      }
    }
    if (made !== undefined) there = [...there, made];
    for (const step of run.steps)
      if (step.do === "retire-checkpoints") there = there.filter(({ name }) => !step.delete.includes(name));
  }
  return [...found.values()];
}

/** A breach at the place of the policy that is to blame, with the disk it meets. */
function asDiagnostic(policy: Policy, domain: ResolvedDomain, breach: Broken): Diagnostic {
  const { rule, disk: target, setting } = breach;
  const resolved = domain.disks.find((disk) => disk.target === target);
  const { origins } = resolved ?? domain;
  const disk = domain.facts.domain.disks.find((each) => each.target === target);
  return {
    code: rule.code,
    severity: rule.passes ? "warning" : (breach.severity ?? "error"),
    message: breach.message,
    hint: breach.hint,
    ...placed(
      policy,
      setting === "name" ? "/name" : setting === undefined ? origins.entry : origins.of(setting),
    ),
    ...(disk?.location && {
      related: [
        { location: disk.location, message: `the disk "${disk.target}" of "${domain.facts.domain.name}"` },
      ],
    }),
  };
}
