import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { printDiffText } from "../../../src/cli/print-diff.js";
import type { Inventory } from "../../../src/inventory/inventory.js";
import { diffPlans } from "../../../src/plan/diff.js";
import { held } from "../../../src/plan/lazy.js";
import type { Plan } from "../../../src/plan/plan.js";
import { compile } from "../../../src/planner/compile.js";
import type { BandwidthWindow } from "../../../src/policy/bandwidth.js";
import type { Blackout } from "../../../src/policy/blackout.js";
import { DEFAULTS } from "../../../src/policy/defaults.js";
import { resolveHorizon } from "../../../src/policy/horizon.js";
import { parsePolicy } from "../../../src/policy/parse.js";
import type { Permissions } from "../../../src/policy/permissions.js";
import type {
  AnsibleSetting,
  DiskSettings,
  DisksEntry,
  DomainEntry,
  DomainSettings,
  EstimateSetting,
  HookSettings,
  HorizonSetting,
  HostSetting,
  MetricsSetting,
  Policy,
  Retention,
  RetrySetting,
  ScheduleEntry,
  SeclabelSetting,
  SecretSetting,
  Selector,
  ServerSetting,
  StreamSetting,
  SystemdSetting,
} from "../../../src/policy/policy.js";
import type { WrittenBandwidthWindow, WrittenPolicy } from "../../../src/policy/written.js";
import { diskOf, inventoryOf } from "../../support/plans.js";
import { keysAt, LEVELS, type LevelName, placesWithKeys } from "../../support/policy-page.js";

/*
 * Every key that a policy may have, at each level. A key that is added to the types of `src/policy/policy.ts` does not compile until
 * it is here; one that is added to the schema only, or to this table only, fails below. What is decided of each: the page of the
 * documentation that explains it, and how `tidemark diff` tells of a change, or why it need not. docs/policy.md, which has all of
 * them, is made from the schema with the golden files.
 */
interface Decision {
  /** In `docs/`. */
  readonly page: string;
  /** Two policies that differ in this key, and how the diff of their plans tells of it; or why it says nothing. */
  readonly diff:
    | Told
    | { readonly silent: string; readonly change?: Change }
    | { readonly elsewhere: string };
}

interface Told {
  readonly change: Change;
  readonly says: RegExp;
}

/** Of a policy, over `BASE`. */
type Patch = Partial<WrittenPolicy>;
type Change = readonly [before: Patch, after: Patch];

type KeysOf<T> = T extends unknown ? keyof T & string : never;
type Keys<T, Not extends string = never> = Readonly<Record<Exclude<KeysOf<T>, Not>, Decision>>;

interface Levels {
  readonly top: Keys<Policy, "locations"> & Readonly<Record<"$schema" | "extends" | "include", Decision>>;
  readonly horizon: Keys<HorizonSetting>;
  readonly entry: Keys<ScheduleEntry>;
  readonly blackout: Keys<Blackout, "text">;
  readonly retention: Keys<Retention>;
  readonly retry: Keys<RetrySetting>;
  readonly permissions: Keys<Permissions>;
  readonly hooks: Keys<HookSettings>;
  readonly metrics: Keys<MetricsSetting>;
  readonly versions: Keys<NonNullable<Policy["versions"]>>;
  readonly host: Keys<HostSetting>;
  readonly ansible: Keys<AnsibleSetting>;
  readonly systemd: Keys<SystemdSetting>;
  readonly domain: Keys<DomainSettings, keyof DiskSettings>;
  readonly bandwidth: Keys<BandwidthWindow>;
  readonly domainEntry: Keys<DomainEntry, keyof DomainSettings>;
  readonly selector: Keys<Selector>;
  readonly disks: Keys<DisksEntry, "settings">;
  readonly disk: Keys<DiskSettings>;
  readonly server: Keys<ServerSetting>;
  readonly stream: Keys<StreamSetting>;
  /** A place that is a text is a file. */
  readonly place: Readonly<Record<"block", Decision>>;
  readonly seclabel: Keys<SeclabelSetting>;
  readonly secret: Keys<SecretSetting>;
  readonly estimate: Keys<EstimateSetting>;
}

const BASE = {
  version: 1,
  name: "p",
  repository: "/repo",
  horizon: { from: "2026-10-10", for: "2w" },
  schedule: [
    { level: "full", at: "0 2 * * sun" },
    { level: "incremental", at: "0 2 * * mon-sat" },
  ],
  retention: { keepLast: 10 },
  domains: { vm: null },
} as const satisfies WrittenPolicy;

const PULL = {
  mode: "pull",
  scratch: "/scratch",
  server: { transport: "unix", socket: "/run/nbd/{domain}" },
} as const;

const STREAM = { send: "send", receive: "receive" } as const;

const all = (settings: NonNullable<WrittenPolicy["defaults"]>): Patch => ({ defaults: settings });
const byHours = (window: Partial<WrittenBandwidthWindow>): Patch =>
  all({ bandwidth: [{ limit: "20MiB/s", ...window }] });
const pull = (settings: NonNullable<WrittenPolicy["defaults"]> = {}): Patch => all({ ...PULL, ...settings });
const shown = (page: string, change: Change, says: RegExp): Decision => ({ page, diff: { change, says } });
/** From the policy as it is. */
const set = (page: string, after: Patch, says: RegExp): Decision => shown(page, [{}, after], says);
const silent = (page: string, silent: string, change?: Change): Decision => ({
  page,
  diff: { silent, ...(change && { change }) },
});
const elsewhere = (page: string, elsewhere: string): Decision => ({ page, diff: { elsewhere } });
const incrementals = (more: Partial<WrittenPolicy["schedule"][number]>): Patch => ({
  schedule: [BASE.schedule[0], { ...BASE.schedule[1], ...more }],
});
const except = (blackout: NonNullable<WrittenPolicy["except"]>[number]): Patch => ({ except: [blackout] });
const keeps = (rules: NonNullable<WrittenPolicy["retention"]>, says: RegExp): Decision =>
  set("retention.md", { retention: { keepLast: 10, ...rules } }, says);
const where = (selector: object): Patch => ({ domains: { vm: { where: selector } } });
const systemd = (more: object): Change => [{ systemd: {} }, { systemd: more }];

const OF_A_FLEET =
  "a host's plan is a folder of its own; test/unit/planner/fleet.test.ts and the golden fleets compare them";

const KEYS: Levels = {
  top: {
    $schema: silent("policy.md", "only editors read it"),
    extends: elsewhere(
      "fleet.md",
      "how a policy is written changes no plan: test/unit/policy/compose.test.ts",
    ),
    include: elsewhere("fleet.md", "as extends"),
    version: elsewhere("policy.md", "there is one version"),
    name: set("operations.md", { name: "q" }, /the policy is q now, and does not adopt p/),
    timezone: set("schedule.md", { timezone: "Europe/Berlin" }, /calendar: UTC → Europe\/Berlin/),
    inventory: silent("fleet.md", "it says where the facts are, and the facts are compared", [
      {},
      { inventory: "elsewhere" },
    ]),
    hosts: elsewhere("fleet.md", OF_A_FLEET),
    ansible: elsewhere("fleet.md", OF_A_FLEET),
    systemd: set("operations.md", { systemd: {} }, /systemd: none → \/var\/lib\/tidemark\/p/),
    repository: set("fleet.md", { repository: "/elsewhere" }, /repository.*\/repo.*\/elsewhere/),
    sharedRepository: elsewhere("fleet.md", OF_A_FLEET),
    horizon: set("policy.md", { horizon: { from: "2026-10-10", for: "1w" } }, /ends earlier/),
    versions: shown("policy.md", olderLibvirt(), /levels in documents: of each disk → left out/),
    schedule: set("schedule.md", incrementals({ at: "0 4 * * mon-sat" }), /schedule: /),
    except: set("schedule.md", except({ dates: "10-15" }), /blackouts: none → 10-15/),
    jitter: set("schedule.md", { jitter: "2h" }, /starts at another time/),
    maxConcurrent: set(
      "schedule.md",
      { maxConcurrent: 2, defaults: { estimate: { size: "1GiB", changedPerDay: "1%" } } },
      /at a time: none → 2/,
    ),
    retention: set("retention.md", { retention: { keepLast: 5 } }, /retention|restore points/),
    maxChainLength: set("retention.md", { maxChainLength: 3 }, /the chain has reached maxChainLength/),
    maxChainAge: set("retention.md", { maxChainAge: "3d" }, /the chain has reached maxChainAge/),
    consolidate: set("retention.md", { consolidate: true }, /consolidate: off → on/),
    onMissingBase: set("how-it-works.md", { onMissingBase: "fail" }, /onMissingBase: last-verified → fail/),
    onDrift: set("how-it-works.md", { onDrift: "full" }, /onDrift: fail → full/),
    onNewDisk: set("how-it-works.md", { onNewDisk: "full" }, /onNewDisk: continue → full/),
    onStopped: set("how-it-works.md", { onStopped: "fail" }, /onStopped: skip → fail/),
    timeLimit: set("how-it-works.md", { timeLimit: "3h" }, /timeLimit: 6 h → 3 h/),
    spaceMargin: set("operations.md", { spaceMargin: "5%" }, /space margin: 10 % and 16 MiB → 5 %/),
    retry: set(
      "operations.md",
      { retry: { times: 0 } },
      /tries again: 2 times, 15 min after the last try → never/,
    ),
    permissions: set("operations.md", { permissions: { mode: "0600" } }, /permissions: .*0640.*0600/),
    adopt: set("operations.md", { adopt: ["old"] }, /adopt: none → old/),
    hooks: set("operations.md", { hooks: { before: "true" } }, /hook before: none → true/),
    hookTimeLimit: set("operations.md", { hookTimeLimit: "1h" }, /hookTimeLimit: 10 min → 1 h/),
    metrics: set("operations.md", { metrics: { directory: "/m" } }, /metrics: none → \/m/),
    defaults: set("fleet.md", all({ freeze: true }), /freeze: no → fail-on-failure/),
    domains: shown("fleet.md", [{ domains: { "*": null } }, { domains: { vm: null } }], /other/),
  },
  horizon: {
    from: set("policy.md", { horizon: { from: "2026-10-12", until: "2026-10-24" } }, /[-+~!]/),
    until: set("policy.md", { horizon: { from: "2026-10-10", until: "2026-10-17" } }, /ends earlier/),
    for: set("policy.md", { horizon: { from: "2026-10-10", for: "1w" } }, /ends earlier/),
  },
  entry: {
    level: set("schedule.md", incrementals({ level: "differential" }), /schedule: .*differential/),
    at: set("schedule.md", incrementals({ at: "0 4 * * mon-sat" }), /schedule: .*0 4 \* \* mon-sat/),
    start: set("schedule.md", incrementals({ start: "2026-10-14" }), /schedule: .*from 2026-10-14/),
    until: set("schedule.md", incrementals({ until: "2026-10-14" }), /schedule: .*until 2026-10-14/),
    except: set("schedule.md", incrementals({ except: [{ dates: "10-15" }] }), /schedule: .*except 10-15/),
  },
  blackout: {
    dates: set("schedule.md", except({ dates: "10-15" }), /blackouts: none → 10-15/),
    weekdays: set("schedule.md", except({ weekdays: "fri" }), /blackouts: none → fri/),
    hours: shown(
      "schedule.md",
      [except({ weekdays: "fri" }), except({ weekdays: "fri", hours: "08:00-18:00" })],
      /blackouts: fri → fri 08:00-18:00/,
    ),
  },
  retention: {
    keepLast: set("retention.md", { retention: { keepLast: 3 } }, /keepLast 10 → 3/),
    keepHourly: keeps({ keepHourly: 4 }, /retention: .*4 hourly/),
    keepDaily: keeps({ keepDaily: 4 }, /retention: .*4 daily/),
    keepWeekly: keeps({ keepWeekly: 4 }, /retention: .*4 weekly/),
    keepMonthly: keeps({ keepMonthly: 4 }, /retention: .*4 monthly/),
    keepYearly: keeps({ keepYearly: 4 }, /retention: .*4 yearly/),
    keepWithin: keeps({ keepWithin: "2w" }, /retention: .*all of the newest 2w/),
    keepWithinHourly: keeps({ keepWithinHourly: "2d" }, /retention: .*hourly of the newest 2d/),
    keepWithinDaily: {
      ...keeps({ keepWithinDaily: "2w" }, /retention: .*daily of the newest 2w/),
      page: "policy.md",
    },
    keepWithinWeekly: {
      ...keeps({ keepWithinWeekly: "2m" }, /retention: .*weekly of the newest 2m/),
      page: "policy.md",
    },
    keepWithinMonthly: {
      ...keeps({ keepWithinMonthly: "1y" }, /retention: .*monthly of the newest 1y/),
      page: "policy.md",
    },
    keepWithinYearly: keeps({ keepWithinYearly: "5y" }, /retention: .*yearly of the newest 5y/),
    keep: keeps({ keep: "2026-10-11" }, /retention: .*for ever 2026-10-11/),
    keepFull: keeps({ keepFull: 1 }, /retention: .*1 newest fulls/),
    keepDifferential: keeps({ keepDifferential: 2 }, /retention: .*2 newest differentials or fulls/),
  },
  retry: {
    times: set("operations.md", { retry: { times: 5 } }, /tries again: .*5 times/),
    after: set("operations.md", { retry: { after: "1h" } }, /tries again: .*1 h after/),
  },
  permissions: {
    owner: set("operations.md", { permissions: { owner: "backup" } }, /permissions: .*backup:/),
    group: set("operations.md", { permissions: { group: "backup" } }, /permissions: .*:backup/),
    mode: set("operations.md", { permissions: { mode: "0600" } }, /permissions: .*files 0600, folders 0700/),
  },
  hooks: {
    before: set("operations.md", { hooks: { before: "b" } }, /hook before: none → b/),
    after: set("operations.md", { hooks: { after: "b" } }, /hook after: none → b/),
    onSuccess: set("operations.md", { hooks: { onSuccess: "b" } }, /hook onSuccess: none → b/),
    onFailure: set("operations.md", { hooks: { onFailure: "b" } }, /hook onFailure: none → b/),
  },
  metrics: { directory: set("operations.md", { metrics: { directory: "/m" } }, /metrics: none → \/m/) },
  versions: {
    libvirt: shown("policy.md", olderLibvirt(), /levels in documents: of each disk → left out/),
    qemu: silent("policy.md", "no document depends on QEMU's version; what it lacks is a diagnostic", [
      {},
      { versions: { qemu: "6.2.0" } },
    ]),
  },
  host: {
    inventory: elsewhere("fleet.md", OF_A_FLEET),
    uri: elsewhere("fleet.md", "only tidemark inventory reads it"),
    address: elsewhere("fleet.md", "it is in Ansible's inventory, a file of its own that git compares"),
  },
  ansible: {
    directory: elsewhere("fleet.md", "it is in Ansible's files, which git compares"),
    become: elsewhere("fleet.md", "as directory"),
  },
  systemd: {
    directory: shown("operations.md", systemd({ directory: "/d" }), /systemd: .* → \/d/),
    connect: shown("operations.md", systemd({ connect: "qemu:///x" }), /systemd: .*over qemu:\/\/\/x/),
    persistent: shown(
      "operations.md",
      systemd({ persistent: false }),
      /systemd: .*missed runs are not made up for/,
    ),
    onFailure: shown(
      "operations.md",
      systemd({ onFailure: "x.service" }),
      /systemd: .*a failure starts x\.service/,
    ),
  },
  domain: {
    mode: set("how-it-works.md", pull(), /mode: push → pull/),
    server: shown(
      "policy.md",
      [pull(), pull({ server: { transport: "unix", socket: "/run/other/{domain}" } })],
      /server: unix \/run\/nbd\/vm → unix \/run\/other\/vm/,
    ),
    stream: shown("how-it-works.md", [pull(), pull({ stream: STREAM })], /stream send: none → send/),
    description: set("policy.md", all({ description: "front" }), /description: none → front/),
    freeze: set("review.md", all({ freeze: true }), /freeze: no → fail-on-failure/),
    onFreezeFailure: shown(
      "policy.md",
      [all({ freeze: true }), all({ freeze: true, onFreezeFailure: "continue" })],
      /freeze: fail-on-failure → continue-on-failure/,
    ),
    freezePatience: shown(
      "how-it-works.md",
      [all({ freeze: true }), all({ freeze: true, freezePatience: "5min" })],
      /freezePatience: 1 min → 5 min/,
    ),
    bandwidth: set("operations.md", all({ bandwidth: "80MiB/s" }), /bandwidth: none → 80 MiB\/s/),
    onStopped: set("how-it-works.md", { domains: { vm: { onStopped: "fail" } } }, /onStopped: skip → fail/),
  },
  bandwidth: {
    weekdays: set(
      "operations.md",
      byHours({ weekdays: "mon-fri" }),
      /bandwidth: none → 20 MiB\/s mon-fri, otherwise unlimited/,
    ),
    hours: shown(
      "operations.md",
      [byHours({ hours: "08:00-18:00" }), byHours({ hours: "08:00-19:00" })],
      /bandwidth: 20 MiB\/s 08:00-18:00, otherwise unlimited → 20 MiB\/s 08:00-19:00, otherwise unlimited/,
    ),
    limit: shown(
      "operations.md",
      [byHours({ hours: "08:00-18:00" }), byHours({ hours: "08:00-18:00", limit: "unlimited" })],
      /bandwidth: 20 MiB\/s 08:00-18:00, otherwise unlimited → none/,
    ),
  },
  domainEntry: {
    where: shown(
      "fleet.md",
      [{ domains: { "*": null } }, { domains: { "*": { where: { title: "x*" } } } }],
      /other/,
    ),
    disks: set("policy.md", { domains: { vm: { disks: { exclude: "vdb" } } } }, /vdb/),
  },
  selector: {
    name: shown("fleet.md", [where({ name: "*" }), where({ name: "vm" })], /other/),
    host: elsewhere("fleet.md", OF_A_FLEET),
    title: shown("fleet.md", [where({ name: "*" }), where({ name: "*", title: "x*" })], /other/),
    metadata: shown(
      "fleet.md",
      [where({ name: "*" }), where({ name: "*", metadata: { "https://example.org/b": { tier: "gold" } } })],
      /other/,
    ),
  },
  disks: {
    include: set("policy.md", { domains: { vm: { disks: { include: "vda" } } } }, /vdb/),
    exclude: set("policy.md", { domains: { vm: { disks: { exclude: "vdb" } } } }, /vdb/),
  },
  disk: {
    format: set(
      "policy.md",
      { domains: { vm: { disks: { vdb: { format: "raw", checkpoint: false } } } } },
      /vdb/,
    ),
    compress: set("how-it-works.md", all({ compress: "zstd" }), /compress none → zstd/),
    target: set("policy.md", all({ target: "/elsewhere/{domain}/{point}/{disk}" }), /\/elsewhere/),
    scratch: shown("how-it-works.md", [pull(), pull({ scratch: "/other" })], /scratch files go to \/other/),
    exportName: shown(
      "policy.md",
      [pull(), { domains: { vm: { ...PULL, disks: { vda: { exportName: "x" } } } } }],
      /export(ed)?.* x/,
    ),
    exportBitmap: shown("policy.md", [pull(), pull({ exportBitmap: "x" })], /bitmap exported as x/),
    seclabels: set(
      "policy.md",
      all({ seclabels: [{ model: "dac", relabel: false }] }),
      /seclabels none → dac/,
    ),
    scratchSecret: shown(
      "policy.md",
      [pull(), pull({ scratchSecret: { usage: "x" } })],
      /scratchSecret none → x/,
    ),
    checkpoint: set("policy.md", { domains: { vm: { disks: { vdb: { checkpoint: false } } } } }, /vdb/),
    estimate: silent("schedule.md", "no run changes by it; what it is for is told among the figures", [
      all({ estimate: { size: "1GiB", changedPerDay: "1%" } }),
      all({ estimate: { size: "2GiB", changedPerDay: "1%" } }),
    ]),
  },
  server: {
    transport: shown(
      "policy.md",
      [pull(), pull({ server: { transport: "tcp", host: "127.0.0.1", port: 10809 } })],
      /server: unix .* → tcp 127\.0\.0\.1:10809/,
    ),
    socket: shown(
      "policy.md",
      [pull(), pull({ server: { transport: "unix", socket: "/run/other/{domain}" } })],
      /server: .*\/run\/other/,
    ),
    host: shown("policy.md", tcp({ host: "::1" }), /server: .*127\.0\.0\.1:10809 → .*::1/),
    port: shown("policy.md", tcp({ port: 10810 }), /server: .*10809 → .*10810/),
    tls: shown("policy.md", tcp({ tls: true }), /server: .*with TLS/),
  },
  stream: {
    send: shown("how-it-works.md", streamed({ send: "x" }), /stream send: send → x/),
    receive: shown("policy.md", streamed({ receive: "x" }), /stream receive: receive → x/),
    delete: shown("how-it-works.md", streamed({ delete: "x" }), /stream delete: none → x/),
  },
  place: {
    block: set(
      "policy.md",
      all({ target: { block: "/dev/backup/{domain}-{disk}-{slot}" } }),
      /\/dev\/backup/,
    ),
  },
  seclabel: {
    model: set("policy.md", all({ seclabels: [{ model: "dac", relabel: false }] }), /seclabels none → dac/),
    relabel: set("policy.md", all({ seclabels: [{ model: "dac", relabel: false }] }), /not relabelled/),
    label: set("policy.md", all({ seclabels: [{ model: "dac", label: "0:0" }] }), /seclabels none → dac 0:0/),
  },
  secret: {
    usage: shown("policy.md", [pull(), pull({ scratchSecret: { usage: "x" } })], /scratchSecret none → x/),
    uuid: shown(
      "policy.md",
      [pull(), pull({ scratchSecret: { uuid: UUID() } })],
      /scratchSecret none → 0a81f5b2/,
    ),
  },
  estimate: {
    size: silent("schedule.md", "as estimate", [
      all({ estimate: { size: "1GiB", changedPerDay: "1%" } }),
      all({ estimate: { size: "2GiB", changedPerDay: "1%" } }),
    ]),
    changedPerDay: silent("schedule.md", "as estimate", [
      all({ estimate: { size: "1GiB", changedPerDay: "1%" } }),
      all({ estimate: { size: "1GiB", changedPerDay: "2%" } }),
    ]),
    speed: silent("schedule.md", "as estimate", [
      all({ estimate: { size: "1GiB", changedPerDay: "1%" } }),
      all({ estimate: { size: "1GiB", changedPerDay: "1%", speed: "1GiB/s" } }),
    ]),
  },
};

function UUID(): string {
  return "0a81f5b2-8403-4b23-88d6-21ccc2f80d6f";
}

/** One that knows no level of a single disk, which documents of fulls then leave out. */
function olderLibvirt(): Change {
  const schedule = [{ level: "full", at: "@daily" }] as const;
  return [{ schedule }, { schedule, versions: { libvirt: "7.2.0" } }];
}

function tcp(more: object): Change {
  const server = { transport: "tcp", host: "127.0.0.1", port: 10809 } as const;
  return [pull({ server }), pull({ server: { ...server, ...more } })];
}

function streamed(more: object): Change {
  return [pull({ stream: STREAM }), pull({ stream: { ...STREAM, ...more } })];
}

/** A domain `vm` with two disks, and another. */
function inventory(): Inventory {
  const { host, domains } = inventoryOf([diskOf("vda", "qcow2"), diskOf("vdb", "qcow2")]);
  const [vm] = domains;
  if (vm === undefined) throw new Error("there is no domain");
  const tagged = {
    ...vm.domain,
    title: "x1",
    metadata: [{ namespace: "https://example.org/b", tags: { tier: "gold" } }],
  };
  const other = { ...vm.domain, name: "other", uuid: "00000000-0000-4000-8000-000000000002" };
  return {
    host,
    domains: [
      { ...vm, domain: other },
      { ...vm, domain: tagged },
    ],
  };
}

/** Read from a text, as a policy always is. */
function planOf(patch: Patch): Plan {
  const { policy, diagnostics } = parsePolicy(JSON.stringify({ ...BASE, ...patch }), "policy.yaml");
  expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  const { horizon } = resolveHorizon(policy as Policy);
  const compiled = compile(policy as Policy, inventory(), horizon as NonNullable<typeof horizon>);
  expect(compiled.diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
  return compiled.plan as Plan;
}

function diffOf([before, after]: Change): string {
  return printDiffText(diffPlans(held(planOf(before)), held(planOf(after))), {
    color: false,
    width: Number.POSITIVE_INFINITY,
  });
}

const decisions = (Object.keys(LEVELS) as LevelName[]).flatMap((level) =>
  Object.entries(KEYS[level]).map(
    ([key, decision]) => [`${LEVELS[level].at}#${key}`, level, key, decision] as const,
  ),
);

it("every place of the schema that has keys is a level", () => {
  expect([...placesWithKeys()].sort()).toEqual(
    Object.values(LEVELS)
      .map(({ at }) => at)
      .sort(),
  );
});

it.each(Object.keys(LEVELS) as LevelName[])("the schema has the keys of the types, level %s", (level) => {
  expect(Object.keys(KEYS[level]).sort()).toEqual(
    keysAt(level)
      .map(([key]) => key)
      .sort(),
  );
});

it.each(decisions)("%s is explained in the documentation", (_, __, key, { page }) => {
  const text = readFileSync(documentation(page), "utf8");
  const word = key.replaceAll("$", "\\$");
  expect(text).toMatch(new RegExp(`(^ {4}|^\\||\`).*(?<![A-Za-z])${word}(?![A-Za-z])`, "m"));
});

describe("a change that the diff tells of", () => {
  it.each(decisions.flatMap(([name, , , { diff }]) => ("says" in diff ? [[name, diff] as const] : [])))(
    "%s",
    (_, { change, says }) => expect(diffOf(change)).toMatch(says),
  );
});

describe("a change that the diff need not tell of", () => {
  it.each(
    decisions.flatMap(([name, , , { diff }]) =>
      "silent" in diff && diff.change !== undefined ? [[name, diff.change] as const] : [],
    ),
  )("%s", (_, change) => expect(diffOf(change)).toBe("No changes.\n"));
});

it("the defaults are those that the schema names", () => {
  const named = new Map(
    (Object.keys(LEVELS) as LevelName[]).flatMap((level) =>
      keysAt(level).map(([key, schema]) => [`${level}.${key}`, schema.default] as const),
    ),
  );
  const levelOf: Partial<Record<keyof typeof DEFAULTS, LevelName>> = {
    mode: "domain",
    freezePatience: "domain",
    bandwidth: "domain",
    format: "disk",
    compress: "disk",
    target: "disk",
    speed: "estimate",
  };
  for (const [key, value] of Object.entries(DEFAULTS)) {
    expect(named.get(`${levelOf[key as keyof typeof DEFAULTS] ?? "top"}.${key}`), key).toEqual(value);
  }
});

function documentation(page: string): string {
  return fileURLToPath(new URL(`../../../docs/${page}`, import.meta.url));
}
