import type { Diagnostic } from "../diagnostics/diagnostic.js";
import {
  type FleetPath,
  filesOfFleet,
  filesOfPlan,
  PLAN_JSON,
  PLAN_MD,
  type PlanPath,
} from "../plan/files.js";
import { type FleetHost, fleetJson } from "../plan/fleet.js";
import { domainJson, planJsonEnd, planJsonStart } from "../plan/json.js";
import { OverviewBuilder } from "../plan/overview.js";
import type { DomainPlan, PlanHeader } from "../plan/plan.js";
import { type AnsiblePlan, ansibleText } from "./ansible.js";
import type { DomainWriter } from "./domain-files.js";
import { renderDueScript } from "./due-script.js";
import { libraryText } from "./library.js";
import type { PlanDirectory, PlanFolder } from "./plan-directory.js";
import { domainMarkdown, planMarkdownTop } from "./plan-markdown.js";
import { answersOf, renderPlanDeclarations } from "./run-script.js";
import { SystemdUnits } from "./systemd.js";
import { SvgTimeline } from "./timeline.js";

/**
 * Writes the plans of a policy. If the policy names hosts, each host's plan is in a folder of its name, with the
 * fleet's files above; otherwise the plan is at the top.
 */
export class FleetWriter {
  readonly #directory: PlanDirectory;
  readonly #domains: DomainWriter;
  readonly #header: PlanHeader;
  readonly #hosts: FleetHost[] = [];
  readonly #ansible: AnsiblePlan | undefined;
  readonly #overview: OverviewBuilder;
  readonly #timeline: SvgTimeline;

  constructor(directory: PlanDirectory, domains: DomainWriter, header: PlanHeader, ansible?: AnsiblePlan) {
    this.#directory = directory;
    this.#domains = domains;
    this.#header = header;
    this.#ansible = ansible;
    this.#overview = new OverviewBuilder(header);
    this.#timeline = new SvgTimeline(header);
  }

  /** The writer of one host's plan; hosts are written one after the other. */
  host(header: PlanHeader): Pick<PlanWriter, "add" | "close"> {
    const { host } = header;
    if (host === undefined) return new PlanWriter(this.#directory, this.#domains, header);
    const writer = new PlanWriter(this.#directory.within(host), this.#domains, header);
    const entry = { name: host, domains: 0, runs: 0, moved: [] as { domain: string; from: string }[] };
    this.#hosts.push(entry);
    return {
      add: async (domain) => {
        const labelled = { ...domain, host };
        await writer.add(domain);
        this.#overview.add(labelled);
        this.#timeline.add(labelled);
        entry.domains += 1;
        entry.runs += domain.runs.length;
        if (domain.moved) entry.moved.push({ domain: domain.name, from: domain.moved.from });
      },
      close: (warnings) => writer.close(warnings),
    };
  }

  /** @param warnings those of all hosts */
  close(warnings: readonly Diagnostic[]): void {
    if (this.#hosts.length === 0) return;
    for (const file of filesOfFleet()) {
      const text = this.#text(file, warnings);
      if (text !== undefined) this.#directory.add({ path: file.path, text });
    }
  }

  /** The text of a file; undefined for a file of Ansible that the policy does not ask for. */
  #text(file: FleetPath, warnings: readonly Diagnostic[]): string | undefined {
    switch (file.holds) {
      case "page":
        return planMarkdownTop(this.#header, this.#overview.build(), warnings, this.#hosts);
      case "timeline":
        return this.#timeline.render();
      case "hosts":
      case "playbook":
      case "role":
        return this.#ansible && ansibleText(this.#ansible, file);
      case "index":
        return fleetJson(this.#header, this.#hosts);
    }
  }
}

/** Writes a plan into its directory domain by domain, so that only one is in memory. The caller commits. */
export class PlanWriter {
  readonly #directory: PlanFolder;
  readonly #writer: DomainWriter;
  readonly #header: PlanHeader;
  readonly #json: ReturnType<PlanFolder["open"]>;
  readonly #markdown: ReturnType<PlanFolder["open"]>;
  readonly #overview: OverviewBuilder;
  readonly #timeline: SvgTimeline;
  readonly #units: SystemdUnits | undefined;
  readonly #domains: Pick<DomainPlan, "name" | "directory" | "owners">[] = [];
  /** Answers of the first domain, which most others share. */
  #usual: string | undefined;
  #first = true;

  constructor(directory: PlanFolder, domains: DomainWriter, header: PlanHeader) {
    this.#directory = directory;
    this.#writer = domains;
    this.#header = header;
    this.#json = directory.open(PLAN_JSON);
    this.#markdown = directory.open(PLAN_MD);
    this.#json.write(planJsonStart(header));
    this.#overview = new OverviewBuilder(header);
    this.#timeline = new SvgTimeline(header);
    this.#units = header.systemd && new SystemdUnits(header, header.systemd);
  }

  async add(domain: DomainPlan): Promise<void> {
    const json = domainJson(domain, this.#first);
    this.#json.write(json);
    this.#markdown.write(domainMarkdown(domain, this.#header.timezone));
    this.#overview.add(domain);
    this.#timeline.add(domain);
    this.#units?.add(domain);
    this.#first = false;
    const { name, directory, owners } = domain;
    this.#domains.push({ name, directory, owners });
    this.#usual ??= answersOf(domain);
    const host = { folder: this.#header.host ?? "", header: this.#header, usual: this.#usual };
    await this.#writer.write(host, domain, json.slice(json.indexOf("{")));
  }

  /** @param warnings diagnostics that a reviewer should see in PLAN.md too */
  close(warnings: readonly Diagnostic[]): void {
    this.#json.write(planJsonEnd);
    for (const file of filesOfPlan(this.#header)) this.#write(file, warnings);
  }

  #write(file: PlanPath, warnings: readonly Diagnostic[]): void {
    const { path } = file;
    if (file.holds === "index") this.#json.close();
    else if (file.holds === "page")
      this.#markdown.close(planMarkdownTop(this.#header, this.#overview.build(), warnings));
    else this.#directory.add({ path, text: this.#text(file), executable: file.holds === "due" });
  }

  #text(file: Exclude<PlanPath, { holds: "index" | "page" }>): string {
    switch (file.holds) {
      case "timeline":
        return this.#timeline.render();
      case "due":
        return renderDueScript(this.#header, this.#domains);
      case "declarations":
        return renderPlanDeclarations(this.#header, this.#usual);
      case "library":
        return libraryText(file.name);
      case "service":
      case "timer":
      case "session":
        return this.#units?.texts()[file.holds] ?? "";
    }
  }
}
