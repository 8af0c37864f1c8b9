import { Argument, type Command } from "commander";
import { explained } from "../help.js";
import type { Action } from "./options.js";

/** JSON formats that are printed or read, each with a schema in `schemas/`. */
const SCHEMAS = [
  "policy",
  "plan",
  "fleet",
  "diagnostics",
  "compilation",
  "diff",
  "explanation",
  "meaning",
  "timeline",
  "status",
  "first-policy",
  "host",
  "capture",
  "manifest",
  "damage",
  "evidence",
  "sizes",
  "listing",
  "verification",
  "verified",
  "redefinition",
] as const;

/** Commands about tidemark itself. */
export function programCommands(program: Command, action: Action): void {
  explained(
    program
      .command("schema")
      .description("print a JSON Schema")
      .addArgument(new Argument("[name]", "name of the schema").choices(SCHEMAS).default("policy")),
    {
      exit: "0 printed; 1 unknown schema",
      examples: ["tidemark schema policy > policy.schema.json"],
    },
  ).action(action(async () => (await import("../schema.js")).schemaCommand));

  explained(
    program
      .command("completion")
      .description("print a shell's completion script")
      .addArgument(new Argument("<shell>", "name of the shell").choices(["bash", "zsh", "fish"])),
    {
      notes: [
        "The script completes commands, options and files. It also completes the names of domains, slots and restore points from the policy or repository on the command line.",
      ],
      exit: "0 printed; 1 unknown shell",
      examples: [
        "tidemark completion bash > /etc/bash_completion.d/tidemark",
        "tidemark completion zsh > \\\n  /usr/local/share/zsh/site-functions/_tidemark",
        "tidemark completion fish > ~/.config/fish/completions/tidemark.fish",
      ],
    },
  ).action(action(async () => (await import("../completion.js")).completionCommand));

  explained(
    program
      .command("help")
      .description("print the help of a command")
      .argument("[command]", "name of the command"),
    {
      exit: "0 printed; 1 unknown command",
      examples: ["tidemark help compile"],
    },
  ).action(action(async () => (await import("../help-command.js")).helpCommand(program)));

  explained(program.command("man").description("print the manual page"), {
    exit: "0 printed",
    examples: ["tidemark man | man -l -"],
  }).action(action(async () => async () => (await import("../man.js")).manCommand(program)));
}
