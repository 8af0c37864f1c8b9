import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describeOneDomain, moveOneDisk, writeFleet } from "./fleet.mjs";
import { filesOf, parseBare, readBare, scanBare, writeBare } from "./floors.mjs";
import { best, command, paired, rounded, tidemark } from "./measure.mjs";

const COMPILE = ["compile", "policy.yaml", "-o", "plan"];

/** A whole compile into a new folder. */
export function benchCompile(scratch, size, rounds) {
  const fleet = join(scratch, "fleet");
  writeFleet(fleet, size);
  const plan = join(fleet, "plan");
  const measured = paired(
    rounds,
    () => {
      rmSync(plan, { recursive: true, force: true });
      return tidemark(fleet, COMPILE);
    },
    () => writeBare(plan, join(fleet, "bare")),
  );
  return result("compile", size, documentsOf(plan), measured, "the same bytes written by a bare loop");
}

/** Cases with a compiled fleet, one at a time. */
export function* benchRest(scratch, size, rounds, only) {
  const fleet = join(scratch, "fleet");
  const plan = join(fleet, "plan");
  if (!["read", "recompile", "check", "diff", "timeline", "due"].some((name) => only.has(name))) return;
  writeFleet(fleet, size);
  if (only.has("read")) {
    const measured = paired(
      rounds,
      () => tidemark(fleet, ["validate", "policy.yaml", "--format", "json"]),
      () => scanBare(join(fleet, "inventory")),
    );
    yield result("read", size, size.domains, measured, "the same XML scanned by the parser alone");
  }
  if (!["recompile", "check", "diff", "timeline", "due"].some((name) => only.has(name))) return;
  const full = tidemark(fleet, COMPILE);
  const documents = documentsOf(plan);
  const ofCompile = ({ best: { seconds, cpu } }) => ({
    ofCompile: rounded(seconds / full.seconds),
    cpuOfCompile: rounded(cpu / full.cpu),
  });
  const once = (name, work, floor, floorIs) => {
    const measured = { best: best([work()]), floor: best([floor()]) };
    return { ...result(name, size, documents, measured, floorIs), ...ofCompile(measured) };
  };
  const readIt = () => readBare(plan);
  const readIs = "the same files read by a bare loop";
  const planJson = join(plan, "plan.json");
  if (only.has("check")) {
    const measured = paired(rounds, () => tidemark(fleet, [...COMPILE, "--check"]), readIt);
    yield { ...result("check", size, documents, measured, readIs), ...ofCompile(measured) };
  }
  if (only.has("timeline")) {
    const measured = paired(
      rounds,
      () => tidemark(fleet, ["timeline", "plan", "-o", "timeline.html"]),
      () => parseBare([planJson]),
    );
    yield result("timeline", size, documents, measured, "the same plan.json read by JSON.parse");
  }
  if (only.has("due")) {
    const measured = paired(
      rounds,
      () => command("bash", [join(plan, "run-due.sh"), "--list"]),
      () => command("find", [plan, "-name", "runs.bash"]),
    );
    yield result("due", size, documents, measured, "its scripts listed by find");
  }
  const old = join(fleet, "old.json");
  if (only.has("diff")) cpSync(planJson, old);
  if (only.has("recompile"))
    yield once("recompile, nothing changed", () => tidemark(fleet, COMPILE), readIt, readIs);
  if (only.has("recompile") || only.has("diff")) {
    moveOneDisk(fleet, size);
    const changed = once("recompile, one disk moved", () => tidemark(fleet, COMPILE), readIt, readIs);
    if (only.has("recompile")) yield changed;
  }
  if (only.has("diff")) {
    const measured = paired(
      rounds,
      () => tidemark(fleet, ["diff", "old.json", "plan", "--format", "json"], [2]),
      () => parseBare([old, planJson]),
    );
    yield result("diff", size, documents, measured, "both plan.json read by JSON.parse");
  }
  if (only.has("recompile")) {
    describeOneDomain(fleet, size);
    yield once("recompile, one policy line", () => tidemark(fleet, COMPILE), readIt, readIs);
  }
}

function result(name, { domains, slots, history }, documents, { best: took, floor }, floorIs) {
  return {
    name,
    domains,
    slots,
    history,
    documents,
    seconds: rounded(took.seconds),
    cpuSeconds: rounded(took.cpu),
    peakMemory: took.memory,
    documentsPerSecond: rounded(documents / took.seconds),
    floor: { is: floorIs, seconds: rounded(floor.seconds), cpuSeconds: rounded(floor.cpu) },
    ratio: rounded(took.seconds / floor.seconds),
    cpuRatio: rounded(took.cpu / floor.cpu),
  };
}

function documentsOf(plan) {
  return filesOf(plan).filter((path) => /\.(?:backup|checkpoint)\.xml$/.test(path)).length;
}

/**
 * The exponent of time by number of runs, fitted by least squares over sizes where the start of Node does not matter.
 */
export function exponent(cases) {
  const points = cases
    .filter(({ name, domains, slots }) => name === "compile" && domains * slots >= 1000)
    .map(({ domains, slots, cpuSeconds }) => [Math.log(domains * slots), Math.log(cpuSeconds)]);
  if (points.length < 2) return null;
  const mean = (pick) => points.reduce((sum, point) => sum + pick(point), 0) / points.length;
  const [x, y] = [mean(([each]) => each), mean(([, each]) => each)];
  const xx = mean(([each]) => (each - x) ** 2);
  const xy = mean(([each, other]) => (each - x) * (other - y));
  const yy = mean(([, each]) => (each - y) ** 2);
  if (xx === 0 || yy === 0) return null;
  return { points: points.length, exponent: rounded(xy / xx), fit: rounded(xy ** 2 / (xx * yy)) };
}
