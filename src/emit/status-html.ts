import { humanBytes } from "../diagnostics/amounts.js";
import { escapeXml } from "../libvirt/write.js";
import { wallClock } from "../plan/local-time.js";
import { domainLabel } from "../plan/plan.js";
import { deviationText } from "../status/domain-status.js";
import { endText, type Fact, factsOf, zoneOf } from "../status/facts.js";
import type { DomainStatus, PointStatus, Remark, Status } from "../status/status.js";
import { headOf, unplannedOf } from "../status/tell.js";
import { template } from "../templates/template.js";
import { styleSheet } from "./timeline.js";

/** The newest slots that are shown as a row of marks. */
const SLOTS = 60;

interface StatusView {
  readonly title: string;
  readonly summary: string;
  readonly unplanned: string | undefined;
  readonly style: string;
  readonly domains: readonly DomainView[];
}

interface DomainView {
  readonly name: string;
  readonly state: DomainStatus["state"];
  readonly label: string;
  readonly remarks: readonly Remark[];
  readonly facts: readonly Fact[];
  readonly slots: readonly { readonly state: string; readonly level: string; readonly text: string }[];
  readonly slotsLabel: string;
  readonly points: readonly (readonly string[])[];
}

const statusTemplate = template<StatusView>("status/status.html", escapeXml);

/** A page in one file, without scripts and network access, in light and dark, for narrow screens and print. */
export function renderHtmlStatus(status: Status): string {
  const { title, summary } = headOf(status);
  return statusTemplate({
    title,
    summary,
    unplanned: unplannedOf(status),
    style: styleSheet(),
    domains: status.domains.map((domain) => domainView(domain, status)),
  });
}

function domainView(domain: DomainStatus, status: Status): DomainView {
  const time = (instant: string) => wallClock(instant, zoneOf(status));
  const slots = (domain.slots ?? []).slice(-SLOTS);
  return {
    name: domainLabel(domain.name, domain.host),
    state: domain.state,
    label: domain.state,
    remarks: domain.remarks,
    facts: factsOf(domain, status),
    slots: slots.map(({ slot, level, state }) => ({
      state,
      level,
      text: `${time(slot)}, ${level}: ${state}`,
    })),
    slotsLabel: `The newest ${slots.length} slots`,
    points: domain.points.map((point) => rowOf(point, status.at, time)).reverse(),
  };
}

function rowOf(point: PointStatus, at: string, time: (instant: string) => string): string[] {
  const { verified } = point;
  return [
    time(point.slot),
    point.level,
    humanBytes(point.bytes),
    verified === undefined
      ? "never"
      : `${time(verified.at)}, ${verified.restorable ? (verified.checksums ? "with checksums" : "without checksums") : "BROKEN"}`,
    endText(point, at, time),
    deviationText(point),
  ];
}
