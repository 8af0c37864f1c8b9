import { posix } from "node:path";
import { IANAZone } from "luxon";
import { compareText } from "../diagnostics/diagnostic.js";
import { RUN_DUE, sessionUnit } from "../plan/files.js";
import type { DomainPlan, PlanHeader } from "../plan/plan.js";
import { isSession, type SystemdSetting } from "../policy/policy.js";
import { template } from "../templates/template.js";

interface ServiceView extends Omit<SystemdSetting, "directory"> {
  readonly directory: string;
  readonly policy: string;
  readonly documentation: string;
  readonly repository: string;
  readonly script: string;
  /** The unit that keeps libvirt's session daemon, for a service of a user. */
  readonly session: string;
  /** Folders that runs write to, sorted. */
  readonly writable: readonly string[];
  readonly privateTmp: boolean;
  readonly privateDevices: boolean;
  readonly network: boolean;
  /** Whether runs call commands of the policy, of which nothing is known. */
  readonly commands: boolean;
  readonly argument: typeof argument;
  readonly word: typeof word;
}

interface SessionView extends Pick<ServiceView, "policy" | "argument"> {
  readonly connect: string;
}

interface TimerView {
  readonly policy: string;
  readonly calendar: readonly string[];
  readonly persistent: boolean;
}

const serviceTemplate = template<ServiceView>("systemd/service", (text) => word(String(text)));
const userServiceTemplate = template<ServiceView>("systemd/user-service", (text) => word(String(text)));
const sessionTemplate = template<SessionView>("systemd/session", (text) => word(String(text)));
const timerTemplate = template<TimerView>("systemd/timer", (text) => word(String(text)));

/** Gathers, a domain at a time, what the units of a host's plan must know: its slots, and where its runs write. */
export class SystemdUnits {
  readonly #header: PlanHeader;
  readonly #setting: SystemdSetting;
  readonly #slots = new Set<number>();
  readonly #writable: Set<string>;
  /** Images of the domains. */
  readonly #sources = new Set<string>();
  #usesDevices = false;
  #usesNetwork: boolean;
  #usesCommands: boolean;

  constructor(header: PlanHeader, setting: SystemdSetting) {
    this.#header = header;
    this.#setting = setting;
    const { repository, metrics, hooks } = header;
    this.#writable = new Set([repository, ...(metrics ? [metrics.directory] : [])].map(plain));
    this.#usesCommands = hooks !== undefined;
    this.#usesNetwork = this.#usesCommands || isRemote(setting.connect ?? "");
  }

  add(domain: DomainPlan): void {
    for (const { slot } of domain.runs) this.#slots.add(Date.parse(slot));
    for (const folder of writtenFolders(domain)) this.#writable.add(folder);
    for (const { source } of domain.disks) if (source !== undefined) this.#sources.add(plain(source));
    this.#usesCommands ||= domain.stream !== undefined;
    this.#usesNetwork ||= domain.stream !== undefined || domain.server?.transport === "tcp";
    this.#usesDevices ||=
      domain.disks.some(({ type }) => type === "block") ||
      domain.runs.some(({ disks }) =>
        disks.some(({ imageType, pull }) => imageType === "block" || pull?.scratchType === "block"),
      );
  }

  /** The texts of a service and its timer, and, for `qemu:///session`, of the unit that keeps libvirt's session daemon. */
  texts(): { readonly service: string; readonly timer: string; readonly session: string } {
    const { policy, repository } = this.#header;
    const { connect = "" } = this.#setting;
    const directory = plain(this.#setting.directory);
    // What libvirt or a person has put into /tmp is not in one that only the service sees.
    const usesTmp = [directory, ...this.#writable, ...this.#sources].some((path) =>
      /^\/(var\/)?tmp(\/|$)/.test(path),
    );
    const writable = outermost(usesTmp ? new Set([...this.#writable, "/tmp"]) : this.#writable);
    const service = isSession(connect) ? userServiceTemplate : serviceTemplate;
    return {
      service: service({
        ...this.#setting,
        directory,
        policy: policy.name,
        documentation: `file:${encodeURI(posix.join(directory, "PLAN.md")).replaceAll("%", "%%")}`,
        repository: plain(repository),
        script: posix.join(directory, RUN_DUE),
        session: sessionUnit(policy.name),
        writable,
        privateTmp: !usesTmp,
        privateDevices: !this.#usesDevices,
        network: this.#usesNetwork,
        commands: this.#usesCommands,
        argument,
        word,
      }),
      timer: timerTemplate({
        policy: policy.name,
        calendar: calendar(this.#header, this.#slots),
        persistent: this.#setting.persistent,
      }),
      session: sessionTemplate({ policy: policy.name, connect, argument }),
    };
  }
}

/**
 * The timer's lines: those of the schedule, and each slot that may stand for times that the zone skips as an instant of its own,
 * as systemd leaves those times out.
 */
function calendar({ schedule, timezone }: PlanHeader, slots: Iterable<number>): readonly string[] {
  const zone = IANAZone.create(timezone);
  const afterGap = [...slots].filter((slot) => zone.offset(slot) > zone.offset(slot - 1));
  return [
    ...new Set(schedule.flatMap(({ onCalendar }) => onCalendar)),
    ...afterGap
      .sort((a, b) => a - b)
      .map((slot) => `${new Date(slot).toISOString().slice(0, 19).replace("T", " ")} UTC`),
  ];
}

/** Folders that exist before the first run, below which its images, scratch files and socket are made. */
function* writtenFolders({ runs, server }: DomainPlan): Generator<string> {
  if (server?.transport === "unix") yield posix.dirname(plain(server.socket));
  for (const { disks, point } of runs) {
    // A folder of the run's own is made by it, and named after its slot: as the point's name ends, `20261201T010000Z`.
    const slot = point.slice(-16);
    const fixed = (path: string) => {
      const parts = posix.dirname(plain(path)).split("/");
      const slotPart = parts.findIndex((part) => part.includes(slot));
      return (slotPart < 0 ? parts : parts.slice(0, slotPart)).join("/") || "/";
    };
    for (const { image, imageType, pull } of disks) {
      if (imageType === "file") yield fixed(image);
      if (pull?.scratchType === "file") yield fixed(pull.scratch);
    }
  }
}

/** An absolute path without `..` and the like, which systemd refuses. */
function plain(path: string): string {
  return posix.resolve(path);
}

/** Whether libvirt is asked over a network (libvirt.org/uri.html). */
function isRemote(uri: string): boolean {
  return /^[^:]*\+(?!unix:)|:\/\/[^/]/.test(uri);
}

/** Without those that lie in another; of a fleet there are many. */
function outermost(folders: ReadonlySet<string>): string[] {
  const isWithin = (path: string): boolean => {
    const above = posix.dirname(path);
    return above !== "/" && (folders.has(above) || isWithin(above));
  };
  return [...folders].sort(compareText).filter((path) => !isWithin(path));
}

/** A word of a list of paths (systemd.syntax(7)): specifiers and quotes mean themselves. */
function word(text: string): string {
  const escaped = text.replaceAll("%", "%%");
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(escaped) ? escaped : `"${escaped.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** An argument of a command line (systemd.service(5)), in which `$` would begin a variable. */
function argument(text: string): string {
  return word(text).replaceAll("$", "$$$$");
}
