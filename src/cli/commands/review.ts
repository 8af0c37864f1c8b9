import { Argument, type Command, Option } from "commander";
import { explained } from "../help.js";
import { type Action, format, horizon } from "./options.js";

/** What a plan says, why, and what changes. */
export function reviewCommands(program: Command, action: Action): void {
  explained(
    horizon(
      program
        .command("diff")
        .description("what changes between two plans, by meaning: what is lost, dropped, moved, kept longer")
        .argument("<old>", "plan directory, plan.json, policy (compiled for this), or git:REV[:PATH]")
        .argument("<new>", "the same"),
    ).addOption(format(["text", "markdown", "json"])),
    {
      notes: [
        "git:REV is the plan of the other argument as it was at that revision; git:REV:PATH another file, from the repository's top.",
        "Markdown is for a comment on a pull request: under 65,000 characters, its first line marks it so that it can be replaced.",
      ],
      exit: "0 no changes; 1 error; 2 there are changes",
      examples: [
        "tidemark diff git:HEAD plan",
        "tidemark diff plan policy.yaml",
        "tidemark diff git:main plan --format markdown > comment.md",
      ],
    },
  ).action(action(async () => (await import("../diff.js")).diffCommand));

  explained(
    horizon(
      program
        .command("explain")
        .description(
          "why a restore point has its level and base, what keeps it, what deletes it; or what a diagnostic means",
        )
        .argument("<policy>", "policy file; or a diagnostic's code, such as TM402")
        .option(
          "--domain <name>",
          "the domain; needed with a policy; HOST/NAME where hosts have domains of one name",
        )
        .option(
          "--slot <time>",
          "one restore point, by its name or its slot: an instant, a local time, or a day that has one (default: a line for each)",
        ),
    ).addOption(format()),
    {
      exit: "0 printed; 1 error, or there is no such domain, slot or code",
      examples: [
        "tidemark explain policy.yaml --domain fedora",
        "tidemark explain policy.yaml --domain fedora --slot 2026-12-06",
        "tidemark explain TM402",
      ],
    },
  ).action(action(async () => (await import("../explain.js")).explainCommand));

  explained(
    horizon(
      program
        .command("timeline")
        .description("when restore points are made, what they stand on, when they go: as a page or a picture")
        .argument("<plan>", "plan directory, plan.json, policy (compiled for this), or git:REV:PATH")
        .option("-o, --out <file>", "write here, not to the standard output")
        .option("--domain <name...>", "only these domains; names or globs")
        .addOption(
          new Option(
            "--as <kind>",
            "html: one file without network access, which answers to pointer and keys; svg: a picture (default: by the file's name, else html)",
          ).choices(["html", "svg"]),
        ),
    ).addOption(format()),
    {
      exit: "0 written; 1 error, and nothing is written",
      examples: [
        "tidemark timeline plan > timeline.html",
        "tidemark timeline policy.yaml --until 2027-03-01 \\\n  --domain 'web-*' -o web.svg",
      ],
    },
  ).action(action(async () => (await import("../timeline.js")).timelineCommand));

  explained(
    horizon(
      program
        .command("xml")
        .description("print one document of a plan, for virsh")
        .argument("<policy>", "policy file")
        .addArgument(
          new Argument("<document>", "which document").choices(["backup", "checkpoint", "fallback"]),
        )
        .requiredOption("--domain <name>", "the domain; HOST/NAME where hosts have domains of one name")
        .requiredOption(
          "--slot <time>",
          "the slot: an instant, a local time in the policy's zone, or a day that has one slot",
        ),
    ).addOption(format()),
    {
      notes: ["virsh makes no folder: that of the images has to be there."],
      exit: "0 printed; 1 error, or there is no such document",
      examples: [
        "virsh backup-begin mail \\\n  <(tidemark xml policy.yaml --domain mail --slot 2026-12-06 backup) \\\n  <(tidemark xml policy.yaml --domain mail --slot 2026-12-06 checkpoint)",
      ],
    },
  ).action(action(async () => (await import("../xml.js")).xmlCommand));

  explained(
    program
      .command("normalize")
      .description(
        "print a checkpoint or backup document as libvirt would, and what libvirt would refuse about it",
      )
      .argument("<file>", "the document; - reads it from the standard input")
      .option(
        "--domain <file>",
        "the domain's XML (virsh dumpxml): fills in what libvirt would, and checks the rules",
      )
      .option(
        "--checkpoints <dir>",
        "the domain's checkpoints (virsh checkpoint-dumpxml), which a base is one of",
      )
      .option("--with <file>", "the other document of the same backup-begin, to be checked with it")
      .option(
        "--name <name>",
        "the checkpoint's name, where the document has none and libvirt would take the time",
      )
      .option("--redefine", "the checkpoint is for checkpoint-create --redefine, which fills in nothing")
      .addOption(format()),
    {
      notes: ["Reads the proposal of 2018 as well, and says what has changed since."],
      exit: "0 printed; 1 error, or libvirt would refuse it",
      examples: [
        "tidemark normalize backup.xml",
        "tidemark normalize backup.xml --with checkpoint.xml \\\n  --domain inventory/domains/fedora.xml",
        "virsh checkpoint-dumpxml web-1 weekly-20261207T010000Z |\n  tidemark normalize - --redefine",
      ],
    },
  ).action(action(async () => (await import("../normalize.js")).normalizeCommand));
}
