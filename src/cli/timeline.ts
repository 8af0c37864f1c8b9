import { extname } from "node:path";
import { idleOption, planOf } from "../compilation/read-plan.js";
import { plural } from "../diagnostics/amounts.js";
import type { Diagnostic } from "../diagnostics/diagnostic.js";
import { hasErrors } from "../diagnostics/diagnostic.js";
import { fileTrouble } from "../emit/plan-directory.js";
import { MAX_LANES, SvgTimeline } from "../emit/timeline.js";
import { renderHtmlTimeline } from "../emit/timeline-html.js";
import type { LazyPlan } from "../plan/lazy.js";
import { matchingDomains } from "./domain-option.js";
import type { ExitStatus } from "./exit-status.js";
import type { InputOptions } from "./input-options.js";
import { onTerminal } from "./progress.js";
import { report } from "./report.js";
import { reportUsage } from "./usage.js";
import { writeOut } from "./write-out.js";

interface TimelineOptions extends InputOptions {
  readonly out?: string;
  readonly domain?: readonly string[];
  readonly as?: "html" | "svg";
}

/** `tidemark timeline`: draws the lives of a plan's restore points as a page or a picture. */
export function timelineCommand(argument: string, options: TimelineOptions): ExitStatus {
  const idle = idleOption([argument], options);
  if (idle !== undefined)
    return reportUsage(idle, "leave the option out, or name the policy", options.format);
  const diagnostics: Diagnostic[] = [];
  const unfit = unfitOutput(options);
  if (unfit !== undefined) diagnostics.push(unfit);
  const whole = planOf(argument, options, diagnostics, onTerminal);
  const plan = whole && {
    ...whole,
    domains: matchingDomains(whole.domains, options.domain, "the plan", diagnostics),
  };
  if (plan === undefined || hasErrors(diagnostics)) {
    report(diagnostics, options.format);
    return 1;
  }
  const kind = options.as ?? (options.out?.toLowerCase().endsWith(".svg") === true ? "svg" : "html");
  if (kind === "svg" && plan.domains.length > MAX_LANES) {
    diagnostics.push({
      code: "TM303",
      severity: "warning",
      message: `the picture shows only ${MAX_LANES} of ${plan.domains.length} domains`,
      hint: "choose domains with --domain, or write HTML, which shows all",
    });
  }
  const text = kind === "svg" ? svgOf(plan) : renderHtmlTimeline(plan);
  try {
    writeOut(text, options.out);
  } catch (error) {
    diagnostics.push(fileTrouble(error, options.out ?? "stdout"));
  }
  report(diagnostics, options.format);
  if (hasErrors(diagnostics)) return 1;
  if (options.out !== undefined) process.stdout.write(written(options.out, kind, plan, options.format));
  return 0;
}

/** As JSON `schemas/timeline.schema.json`. */
function written(file: string, kind: string, plan: LazyPlan, format: InputOptions["format"]): string {
  const domains = plan.domains.length;
  const points = plan.domains.reduce((sum, domain) => {
    const { found, runs } = domain.plan();
    return sum + found.length + runs.length;
  }, 0);
  return format === "json"
    ? `${JSON.stringify({ formatVersion: "1.0", file, kind, domains, points }, null, 2)}\n`
    : `${file}: ${domains} ${plural(domains, "domain")}, ${points} ${plural(points, "restore point")}\n`;
}

/** Whether nobody would see the output as a picture: on a terminal, or in a file whose name says otherwise. */
function unfitOutput({ out, as }: TimelineOptions): Diagnostic | undefined {
  const suffix = out === undefined ? "" : extname(out).toLowerCase();
  const isOther = as === undefined && suffix !== "" && !/^\.(?:html?|svg)$/.test(suffix);
  if (out !== undefined && !isOther) return undefined;
  if (out === undefined && process.stdout.isTTY !== true) return undefined;
  return {
    code: "TM501",
    severity: "error",
    message:
      out === undefined
        ? "a timeline is a page or a picture; a terminal cannot show it"
        : `a timeline is a page or a picture; the name ${out} says neither`,
    hint: "write it to a file with -o timeline.html or -o timeline.svg, and open the file in a browser",
  };
}

function svgOf({ header, domains }: LazyPlan): string {
  const timeline = new SvgTimeline(header);
  for (const domain of domains) timeline.add(domain.plan());
  return timeline.render();
}
