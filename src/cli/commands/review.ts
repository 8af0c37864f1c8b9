import { Argument, type Command, Option } from "commander";
import { explained } from "../help.js";
import { type Action, format, horizon } from "./options.js";

/** Commands that show a plan, its reasons, and its changes. */
export function reviewCommands(program: Command, action: Action): void {
  explained(
    horizon(
      program
        .command("diff")
        .description("say what changes between two plans: what is lost, dropped, moved, kept longer")
        .argument("<old>", "plan directory, plan.json, policy (compiled for this), or git:REV[:PATH]")
        .argument("<new>", "the same"),
    ).addOption(format(["text", "markdown", "json"])),
    {
      notes: [
        "git:REV is the plan of the other argument at that revision. git:REV:PATH is another file, with its path from the top of the git repository.",
        "Markdown is for a comment on a pull request: it has fewer than 65,000 characters, and its first line marks it, so that a later comment can replace it.",
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
        .description(
          "show when restore points are made, what they build on, and when they are deleted, as a page or a picture",
        )
        .argument("<plan>", "plan directory, plan.json, policy (compiled for this), or git:REV:PATH")
        .option("-o, --out <file>", "write to this file instead of the standard output")
        .option("--domain <name...>", "only these domains; names or globs")
        .addOption(
          new Option(
            "--as <kind>",
            "html: one file that needs no network and reacts to pointer and keys; svg: a picture (default: by the file's name, otherwise html)",
          ).choices(["html", "svg"]),
        ),
    ).addOption(format()),
    {
      exit: "0 written; 1 error, nothing is written",
      examples: [
        "tidemark timeline plan > timeline.html",
        "tidemark timeline policy.yaml --until 2027-03-01 \\\n  --domain 'web-*' -o web.svg",
      ],
    },
  ).action(action(async () => (await import("../timeline.js")).timelineCommand));

  explained(
    program
      .command("status")
      .description(
        "what the plan said and what is there: last points, missed and failed slots, deviations, what ends when",
      )
      .argument(
        "<plan>",
        "plan directory, plan.json, policy (compiled for this), or git:REV:PATH; or a repository, if the plan is not here",
      )
      .option(
        "--repository <dir>",
        "the repository, if it is not where the plan has it; {host} stands for the name of each host",
      )
      .option(
        "--inventory <dir>",
        "read what is there from the catalog of this inventory; {host} stands for the name of each host",
      )
      .option("--domain <name...>", "only these domains; names or globs")
      .option("--at <time>", "as if it were then (default: now)")
      .option("--max-age <span>", "an older last restore point is an alarm: 26h, 2d")
      .option("--strict", "end with 2 also if there is only something to look at")
      .option("-o, --out <file>", "write to this file instead of the standard output; NAME.html is a page")
      .addOption(format(["text", "json", "html"])),
    {
      notes: [
        "An alarm says that a domain is not protected as planned now: the newest slot has no restore point, the plan has ended, or a restore point is damaged. What may only be looked at: a deviation, a guest that was not frozen, slots of the last seven days without a restore point, a plan that ends soon.",
        "From a catalog it is not known which runs failed, nor when a restore point was verified: only the repository has these records.",
      ],
      exit: "0 no alarm; 1 error; 2 an alarm, or with --strict something to look at",
      examples: [
        'tidemark status plan --strict || echo "look at it"',
        "tidemark status /var/backup/libvirt --max-age 3650d",
        'tidemark status plan -o status.html ||\n  echo "look at status.html"',
      ],
    },
  ).action(action(async () => (await import("../status.js")).statusCommand));

  explained(
    horizon(
      program
        .command("xml")
        .description("print one document of a plan, for virsh")
        .argument("<policy>", "policy file")
        .addArgument(
          new Argument("<document>", "kind of document").choices(["backup", "checkpoint", "fallback"]),
        )
        .requiredOption("--domain <name>", "the domain; HOST/NAME if two hosts have a domain of that name")
        .requiredOption(
          "--slot <time>",
          "the slot: an instant, a local time in the policy's zone, or a day that has one slot",
        ),
    ).addOption(format()),
    {
      notes: ["virsh does not make folders: the folder of the images has to exist."],
      exit: "0 printed; 1 error, or the run has no such document",
      examples: [
        "virsh backup-begin mail \\\n  <(tidemark xml policy.yaml --domain mail --slot 2026-12-06 backup) \\\n  <(tidemark xml policy.yaml --domain mail --slot 2026-12-06 checkpoint)",
      ],
    },
  ).action(action(async () => (await import("../xml.js")).xmlCommand));

  explained(
    program
      .command("normalize")
      .description(
        "print a checkpoint or backup document as libvirt would print it, and what libvirt would refuse",
      )
      .argument("<file>", "the document; - reads the standard input")
      .option(
        "--domain <file>",
        "the domain's XML (virsh dumpxml), to add what libvirt would add and to check the rules",
      )
      .option(
        "--checkpoints <dir>",
        "folder of the domain's checkpoints (virsh checkpoint-dumpxml), to check bases",
      )
      .option("--with <file>", "the other document of the same backup-begin, to check both together")
      .option("--name <name>", "name of the checkpoint, if the document has none; libvirt would use the time")
      .option(
        "--redefine",
        "the checkpoint is for checkpoint-create --redefine, for which libvirt adds nothing",
      )
      .option(
        "--libvirt <version>",
        "the host's libvirt (virsh version), as releases differ in what they accept; without it, what all of them accept",
      )
      .addOption(format()),
    {
      notes: [
        "The command also reads documents in the format proposed in 2018, and says what has changed since.",
      ],
      exit: "0 printed; 1 error, or libvirt would refuse it",
      examples: [
        "tidemark normalize backup.xml",
        "tidemark normalize backup.xml --libvirt 12.8.0",
        "tidemark normalize backup.xml --with checkpoint.xml \\\n  --domain inventory/domains/fedora.xml",
        "virsh checkpoint-dumpxml web-1 weekly-20261207T010000Z |\n  tidemark normalize - --redefine",
      ],
    },
  ).action(action(async () => (await import("../normalize.js")).normalizeCommand));
}
