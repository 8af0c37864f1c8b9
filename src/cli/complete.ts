import { execFileSync } from "node:child_process";
import { existsSync } from "node:fs";
import type { Argument, Command, Option } from "commander";
import { load } from "../compilation/load.js";
import { planOfDomain } from "../compilation/plans.js";
import { fromFile, indexOf } from "../compilation/read-plan.js";
import { domainLabel } from "../plan/plan.js";
import { readRepository } from "../repository/repository.js";
import type { ExitStatus } from "./exit-status.js";

/** A word that is possible at the cursor. */
interface Candidate {
  readonly word: string;
  readonly description: string;
}

/** What the shell completes by itself. */
type Files = "files" | "folders" | "none";

interface Completion {
  readonly candidates: readonly Candidate[];
  readonly files: Files;
}

const NOTHING: Completion = { candidates: [], files: "none" };

/**
 * Answers a shell's completion script: each candidate on a line, with its description after a tab, then `:files`,
 * `:folders` or `:none`. The words of the command line are arguments, with the one at the cursor last, or one line
 * (`--line`).
 */
export function completeCommand(program: Command, args: readonly string[]): ExitStatus {
  const words = args[0] === "--line" ? split(args[1] ?? "").slice(1) : args;
  const current = words.at(-1) ?? "";
  const { candidates, files } = complete(program, words.slice(0, -1), current);
  const lines = candidates
    .filter(({ word }) => word.startsWith(current))
    .map(({ word, description }) => `${word}\t${description}`.replaceAll("\n", " "));
  process.stdout.write(`${[...lines, `:${files}`].join("\n")}\n`);
  return 0;
}

function complete(program: Command, before: readonly string[], current: string): Completion {
  const [name, ...rest] = before;
  const command = program.commands.find((each) => each.name() === name);
  const commands = () =>
    program.commands.map((each) => ({ word: each.name(), description: each.description() }));
  if (name === undefined || name === "help")
    return { candidates: [...commands(), ...(name ? [] : optionsOf(program))], files: "none" };
  if (command === undefined) return NOTHING;
  const line = readLine(command, rest);
  const inOption = /^(--[a-z-]+)=(.*)$/s.exec(current);
  const option = inOption === null ? line.open : find(command, inOption[1] ?? "");
  if (option !== undefined) {
    const values = valuesOf(option, line);
    const prefix = inOption === null ? "" : `${inOption[1]}=`;
    return {
      ...values,
      candidates: values.candidates.map(({ word, description }) => ({ word: prefix + word, description })),
    };
  }
  if (current.startsWith("-") && !line.isPlain) {
    const unused = optionsOf(command).filter(({ word }) => !rest.includes(word));
    return { candidates: unused, files: "none" };
  }
  const expected = command.registeredArguments;
  const argument = expected[Math.min(line.operands.length, expected.length - 1)];
  if (argument === undefined || (line.operands.length >= expected.length && !argument.variadic))
    return NOTHING;
  return operand(argument, line);
}

/** A command line up to the cursor. */
interface Line {
  /** The option whose value comes next. */
  readonly open: Option | undefined;
  readonly operands: readonly string[];
  /** Option → its last value. */
  readonly values: ReadonlyMap<string, string>;
  /** Whether `--` was given, after which nothing is an option. */
  readonly isPlain: boolean;
}

function readLine(command: Command, words: readonly string[]): Line {
  const operands: string[] = [];
  const values = new Map<string, string>();
  let open: Option | undefined;
  let isPlain = false;
  for (const word of words) {
    if (isPlain) operands.push(word);
    else if (word === "--") isPlain = true;
    else if (word.startsWith("-") && word !== "-") {
      const [flag = "", value] = word.split(/=(.*)/s);
      const option = find(command, flag);
      if (value !== undefined) values.set(option?.attributeName() ?? "", value);
      open = option?.required === true && value === undefined ? option : undefined;
      continue;
    } else if (open !== undefined) {
      values.set(open.attributeName(), word);
      // An option with several values continues until the next option.
      if (open.variadic) continue;
    } else operands.push(word);
    open = undefined;
  }
  return { open, operands, values, isPlain };
}

function find(command: Command, flag: string): Option | undefined {
  return command.options.find(({ long, short }) => long === flag || short === flag);
}

function optionsOf(command: Command): Candidate[] {
  return [
    ...command.options.map(({ long, description }) => ({ word: long ?? "", description })),
    { word: "--help", description: "help for this command" },
  ];
}

function valuesOf(option: Option, line: Line): Completion {
  if (option.argChoices !== undefined) return { candidates: plain(option.argChoices), files: "none" };
  switch (option.attributeName()) {
    case "domain":
      return { candidates: domainsOf(line), files: "none" };
    case "slot":
      return { candidates: slotsOf(line), files: "none" };
    case "at":
      return { candidates: pointsOf(line), files: "none" };
    case "connect":
      return { candidates: plain(["qemu:///system", "qemu:///session", "qemu+ssh://root@"]), files: "none" };
    case "timezone":
      return { candidates: plain(Intl.supportedValuesOf("timeZone")), files: "none" };
  }
  if (/<dir>/.test(option.flags)) return { candidates: [], files: "folders" };
  return { candidates: [], files: /<file>/.test(option.flags) ? "files" : "none" };
}

function operand(argument: Argument, line: Line): Completion {
  if (argument.argChoices !== undefined) return { candidates: plain(argument.argChoices), files: "none" };
  switch (argument.name()) {
    case "repository":
      return { candidates: [], files: "folders" };
    case "domain":
      return { candidates: plain(domainsOfHost(line)), files: "none" };
    default:
      return { candidates: [], files: "files" };
  }
}

function plain(words: readonly string[]): Candidate[] {
  return words.map((word) => ({ word, description: "" }));
}

/** Domains of the policy, plan or repository on the command line. */
function domainsOf(line: Line): Candidate[] {
  const [first = ""] = line.operands;
  if (!/\.ya?ml$/.test(first)) {
    if (existsSync(indexOf(first))) return domainsOfPlan(indexOf(first));
    return existsSync(first)
      ? readRepository(first).repository.domains.map(({ name }) => ({ word: name, description: "" }))
      : [];
  }
  return (fleetOf(line)?.hosts ?? []).flatMap(({ header: { host }, domains }) =>
    domains.map(({ domain, paths }) => ({
      word: domain.facts.domain.name,
      description: `${paths.mode} mode${host === undefined ? "" : `, on ${host}`}`,
    })),
  );
}

function domainsOfPlan(file: string): Candidate[] {
  return (fromFile(file, [])?.domains ?? []).map(({ name, host }) => ({
    word: domainLabel(name, host),
    description: "",
  }));
}

function slotsOf(line: Line): Candidate[] {
  const fleet = fleetOf(line);
  const chosen = fleet && planOfDomain(fleet, line.values.get("domain") ?? "").chosen;
  if (chosen === undefined) return [];
  return chosen.plan.runs.map(({ slot, localTime, level }) => ({
    word: slot,
    description: `${level}, ${localTime}`,
  }));
}

function pointsOf({ operands: [root = ""], values }: Line): Candidate[] {
  const { domains } = readRepository(root).repository;
  const wanted = domains.filter(({ name }) => domains.length === 1 || name === values.get("domain"));
  return wanted.flatMap(({ points }) =>
    points.map(({ manifest: { point, level } }) => ({ word: point, description: level })),
  );
}

function fleetOf({ operands, values }: Line) {
  const file = operands.find((each) => /\.ya?ml$/.test(each));
  const given = (name: string) => {
    const value = values.get(name);
    return value === undefined ? {} : { [name]: value };
  };
  const options = { ...given("inventory"), ...given("from"), ...given("until") };
  return file === undefined ? undefined : load(file, options).fleet;
}

function domainsOfHost({ values }: Line): string[] {
  const uri = values.get("connect");
  try {
    return execFileSync(
      "virsh",
      [...(uri === undefined ? [] : ["--connect", uri]), "list", "--all", "--name"],
      {
        encoding: "utf8",
        timeout: 5000,
        stdio: ["ignore", "pipe", "ignore"],
      },
    )
      .split("\n")
      .filter((name) => name !== "");
  } catch {
    return [];
  }
}

/** The words of a command line that may be incomplete, as a shell would split it, without expansions. */
function split(line: string): string[] {
  const words = [""];
  let quote = "";
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    const last = words.length - 1;
    if (quote !== "" && character === quote) quote = "";
    else if (quote === "" && /["']/.test(character)) quote = character;
    else if (character === "\\" && quote !== "'") words[last] += line.charAt(++at);
    else if (quote === "" && /\s/.test(character)) {
      if (words[last] !== "") words.push("");
    } else words[last] += character;
  }
  return words;
}
