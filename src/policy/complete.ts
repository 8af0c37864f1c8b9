import { compareText, type Location } from "../diagnostics/diagnostic.js";
import { type Blackout, parseBlackout } from "./blackout.js";
import { parseCron } from "./cron.js";
import { DEFAULTS } from "./defaults.js";
import { parseMoment } from "./moment.js";
import { listed, parsed, some } from "./parsed.js";
import { isAbsolutePath, trimmed } from "./path.js";
import { parseMode } from "./permissions.js";
import type {
  HorizonSetting,
  HostSetting,
  Policy,
  Retention,
  ScheduleEntry,
  SystemdSetting,
} from "./policy.js";
import { parseMargin } from "./quantity.js";
import { domainEntry, domainSettings } from "./settings.js";
import { parseSpan } from "./span.js";
import type {
  OneOrMore,
  WrittenBlackout,
  WrittenEntry,
  WrittenHosts,
  WrittenPolicy,
  WrittenRetention,
} from "./written.js";

/**
 * Makes a policy of a document that has been checked: parses each text, and fills in the defaults.
 * @param hosts those written, or found by the glob that is written
 * @throws Error on a text that the check should not have let through
 */
export function complete(
  written: WrittenPolicy,
  hosts: WrittenHosts | undefined,
  locations: ReadonlyMap<string, Location>,
): Policy {
  const timezone = written.timezone ?? DEFAULTS.timezone;
  const inventory = written.inventory ?? DEFAULTS.inventory;
  const retry = { ...DEFAULTS.retry, ...written.retry };
  const { mode = DEFAULTS.permissions.mode, ...owners } = written.permissions ?? {};
  return {
    version: 1,
    name: written.name,
    timezone,
    inventory,
    ...(hosts && { hosts: hostSettings(hosts, inventory) }),
    ...(written.ansible !== undefined && {
      ansible: { become: true, ...written.ansible, directory: ansibleDirectory(written) },
    }),
    ...(written.systemd !== undefined && { systemd: systemdSetting(written) }),
    repository: directory(written.repository),
    ...(written.sharedRepository !== undefined && { sharedRepository: written.sharedRepository }),
    ...(written.horizon && { horizon: horizonSetting(written.horizon, timezone) }),
    ...(written.versions && { versions: written.versions }),
    schedule: some(written.schedule.map((entry) => scheduleEntry(entry, timezone))),
    except: blackouts(written.except),
    ...(written.jitter !== undefined && { jitter: parsed(parseSpan, written.jitter) }),
    ...(written.maxConcurrent !== undefined && { maxConcurrent: written.maxConcurrent }),
    retention: retention(written.retention ?? {}),
    ...(written.maxChainLength !== undefined && { maxChainLength: written.maxChainLength }),
    ...(written.maxChainAge !== undefined && { maxChainAge: parsed(parseSpan, written.maxChainAge) }),
    consolidate: written.consolidate ?? DEFAULTS.consolidate,
    onMissingBase: written.onMissingBase ?? DEFAULTS.onMissingBase,
    onDrift: written.onDrift ?? DEFAULTS.onDrift,
    onNewDisk: written.onNewDisk ?? DEFAULTS.onNewDisk,
    onStopped: written.onStopped ?? DEFAULTS.onStopped,
    timeLimit: parsed(parseSpan, written.timeLimit ?? DEFAULTS.timeLimit),
    spaceMargin: parsed(parseMargin, written.spaceMargin ?? DEFAULTS.spaceMargin),
    retry: { times: retry.times, after: parsed(parseSpan, retry.after) },
    permissions: { ...owners, mode: parsed(parseMode, mode) },
    adopt: listed(written.adopt ?? []),
    ...(written.hooks && { hooks: written.hooks }),
    hookTimeLimit: parsed(parseSpan, written.hookTimeLimit ?? DEFAULTS.hookTimeLimit),
    ...(written.metrics && { metrics: { directory: directory(written.metrics.directory) } }),
    defaults: domainSettings(written.defaults ?? {}),
    domains: Object.fromEntries(
      Object.entries(written.domains).map(([pattern, entry]) => [pattern, domainEntry(entry ?? {})]),
    ),
    locations,
  };
}

function directory(path: string) {
  return trimmed(parsed((text) => (isAbsolutePath(text) ? text : undefined), path));
}

function ansibleDirectory({ name, ansible }: WrittenPolicy) {
  return directory(ansible?.directory ?? `/var/lib/tidemark/${name}`);
}

/** The plan directory on the host. Ansible puts a link to the current plan beside the plans. */
function systemdSetting(written: WrittenPolicy): SystemdSetting {
  const home = ansibleDirectory(written);
  const fallback = written.ansible === undefined ? home : `${home}/current`;
  return {
    persistent: true,
    ...written.systemd,
    directory: directory(written.systemd?.directory ?? fallback),
  };
}

function horizonSetting(
  { from, until, for: span }: NonNullable<WrittenPolicy["horizon"]>,
  timezone: string,
): HorizonSetting {
  const moment = (text: string) => parsed((each) => parseMoment(each, timezone), text);
  const start = from === undefined ? {} : { from: moment(from) };
  if (until !== undefined) return { ...start, until: moment(until) };
  return span === undefined ? start : { ...start, for: parsed(parseSpan, span) };
}

function scheduleEntry({ level, at, start, until, except }: WrittenEntry, timezone: string): ScheduleEntry {
  const moment = (text: string) => parsed((each) => parseMoment(each, timezone), text);
  return {
    level,
    at: some(
      listed(at).map((expression) =>
        parsed((text) => {
          const read = parseCron(text);
          return "times" in read ? read.times : undefined;
        }, expression),
      ),
    ),
    ...(start !== undefined && { start: moment(start) }),
    ...(until !== undefined && { until: moment(until) }),
    except: blackouts(except),
  };
}

function blackouts(written: readonly WrittenBlackout[] = []): Blackout[] {
  const list = (texts: OneOrMore | undefined) => (texts === undefined ? undefined : listed(texts));
  return written.map(({ dates, weekdays, hours }) =>
    parsed(parseBlackout, { dates: list(dates), weekdays: list(weekdays), hours: list(hours) }),
  );
}

function retention({ keep, ...rules }: WrittenRetention): Retention {
  return {
    ...Object.fromEntries(
      Object.entries(rules).map(([rule, value]) => [
        rule,
        typeof value === "string" ? parsed(parseSpan, value) : value,
      ]),
    ),
    ...(keep !== undefined && { keep: listed(keep) }),
  };
}

function hostSettings(written: WrittenHosts, folder: string): Readonly<Record<string, HostSetting>> {
  return Object.fromEntries(
    Object.entries(written)
      .sort(([a], [b]) => compareText(a, b))
      .map(([name, host]) => [name, { inventory: `${folder}/${name}`, ...host }]),
  );
}
