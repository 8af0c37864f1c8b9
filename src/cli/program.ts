import { Argument, Command, CommanderError, Option } from "commander";
import { explained } from "./help.js";

/** What is printed or read as JSON, each with a schema in `schemas/`. */
const SCHEMAS = [
  "policy",
  "plan",
  "fleet",
  "diagnostics",
  "compilation",
  "diff",
  "explanation",
  "host",
  "capture",
  "manifest",
  "listing",
  "verification",
] as const;

/** Exit status of every command (DESIGN: 0 done, 1 error, 2 there are differences). */
export type ExitStatus = 0 | 1 | 2;

/** Runs the command line and returns its exit status; nothing here throws on bad input. */
export async function run(args: readonly string[], version: string): Promise<number> {
  let status: number = 0;
  const program = createProgram(version, (ended) => {
    status = ended;
  });
  try {
    if (args[0] === COMPLETE) return (await import("./complete.js")).completeCommand(program, args.slice(1));
    await program.parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    throw error;
  }
}

/** What the shells' completion scripts call. */
export const COMPLETE = "__complete";

/** The tree of commands, of which help, completion and the man page are made. */
export function createProgram(version: string, onEnd: (status: ExitStatus) => void): Command {
  const action =
    <T extends unknown[]>(load: () => Promise<(...given: T) => ExitStatus | Promise<ExitStatus>>) =>
    async (...given: T): Promise<void> => {
      onEnd(await (await load())(...given));
    };
  const program = new Command("tidemark")
    .description(
      "Compiles a backup policy for libvirt domains into checkpoint and backup XML and a plan to review.",
    )
    .version(version, "-V, --version")
    .helpCommand(true)
    .showHelpAfterError("(tidemark --help shows the commands)")
    .exitOverride();

  const horizon = (command: Command): Command =>
    command
      .option(
        "--inventory <dir>",
        "read the inventory here, not where the policy says; of several hosts each in a folder of its name",
      )
      .option("--from <time>", "begin of the horizon: 2026-12-01, or an instant such as 2026-12-01T00:00:00Z")
      .option("--until <time>", "end of the horizon, exclusive");
  const inputs = (command: Command, formats?: readonly string[]): Command =>
    horizon(command).addOption(format(formats));

  explained(
    program
      .command("init")
      .description("a first inventory and a commented policy that protects every domain of a host")
      .option("-c, --connect <uri>", "libvirt connection, also a remote one (default: virsh's own)")
      .option(
        "--xml <dir>",
        "no connection: a folder of domain XML, or an inventory that was captured before",
      )
      .option("--libvirt <version>", "with --xml: the host's libvirt, where the folder does not say")
      .option("--qemu <version>", "with --xml: the host's QEMU")
      .option("-o, --out <dir>", "where policy.yaml and the inventory go", ".")
      .option("--name <name>", "the policy's name")
      .option("--repository <dir>", "folder on the host for the backups")
      .option("--timezone <zone>", "time zone of the schedule")
      .option("--time <hh:mm>", "time of the nightly run")
      .option("--keep-daily <number>", "days to keep")
      .option("--keep-weekly <number>", "weeks to keep")
      .option("--keep-monthly <number>", "months to keep")
      .option("-y, --yes", "ask nothing, take what is proposed"),
    {
      notes: [
        "On a terminal it asks for what no option says. Nothing that exists is overwritten. Disks that libvirt cannot back up are excluded by name, with the reason beside them.",
      ],
      examples: [
        "tidemark init -c qemu:///system",
        "tidemark init --yes --repository /srv/backup --timezone Europe/Berlin -o backup",
        "tidemark init --yes --xml inventory -o copy",
      ],
    },
  ).action(action(async () => (await import("./init.js")).initCommand));

  explained(
    inputs(
      program
        .command("compile")
        .description("compile policies into plan directories")
        .argument("<policy...>", "policy files")
        .option(
          "-o, --out <dir>",
          'plan directory (default: "plan" beside the policy); with several policies, the folder that holds them',
        )
        .option("-n, --dry-run", "print the plan, write nothing; as JSON what plan.json would be")
        .option(
          "--check",
          "is the plan directory what the policies compile to? Prints the difference, writes nothing",
        ),
    ),
    {
      notes: [
        "Where the policy names hosts, each has its plan in a folder of its name, and the PLAN.md above tells of all.",
        "Exit status: 0 written, or with --check: it is; 1 error, and nothing is written; 2 with --check: it is not.",
      ],
      examples: [
        "tidemark compile policy.yaml -o plan",
        "tidemark compile policy.yaml -o plan --check",
        "tidemark compile policy.yaml --from 2026-12-01 --until 2026-12-15 --dry-run",
        "tidemark compile policy.yaml --dry-run --format json > plan.json",
      ],
    },
  ).action(action(async () => (await import("./compile.js")).compileCommand));

  explained(
    inputs(
      program
        .command("validate")
        .description("check policies and their inventories, write nothing")
        .argument("<policy...>", "policy files"),
      ["text", "json", "github", "sarif"],
    ),
    {
      notes: [
        "Findings go to stderr; sarif, a report for code hosts, to stdout. Exit status: 0 it compiles; 1 it does not.",
      ],
      examples: [
        "tidemark validate policy.yaml",
        "tidemark validate policy.yaml --format github",
        "tidemark validate policy.yaml --format sarif > tidemark.sarif",
      ],
    },
  ).action(action(async () => (await import("./validate.js")).validateCommand));

  explained(
    inputs(
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
    ),
    {
      examples: [
        "virsh backup-begin fedora <(tidemark xml policy.yaml --domain fedora --slot 2026-12-06 backup) \\\n" +
          "                            <(tidemark xml policy.yaml --domain fedora --slot 2026-12-06 checkpoint)",
      ],
    },
  ).action(action(async () => (await import("./xml.js")).xmlCommand));

  explained(
    inputs(
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
        .option("--slot <time>", "one restore point: as for xml, or its name; default: a line for each"),
    ),
    {
      examples: [
        "tidemark explain policy.yaml --domain fedora",
        "tidemark explain policy.yaml --domain fedora --slot 2026-12-06",
        "tidemark explain TM402",
      ],
    },
  ).action(action(async () => (await import("./explain.js")).explainCommand));

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
      notes: [
        "Reads the proposal of 2018 as well, and says what has changed since. Exit status: 0 printed; 1 libvirt would refuse it.",
      ],
      examples: [
        "tidemark normalize backup.xml",
        "tidemark normalize backup.xml --with checkpoint.xml --domain inventory/domains/fedora.xml",
        "virsh checkpoint-dumpxml web-1 weekly-20261207T010000Z | tidemark normalize - --redefine",
      ],
    },
  ).action(action(async () => (await import("./normalize.js")).normalizeCommand));

  explained(
    inputs(
      program
        .command("diff")
        .description("what changes between two plans, by meaning: what is lost, dropped, moved, kept longer")
        .argument("<old>", "plan directory, plan.json, policy (compiled for this), or git:REV[:PATH]")
        .argument("<new>", "the same"),
      ["text", "markdown", "json"],
    ),
    {
      notes: [
        "git:REV is the plan of the other argument as it was at that revision; git:REV:PATH another file, from the repository's top.",
        "Markdown is for a comment on a pull request: under 65,000 characters, its first line marks it so that it can be replaced.",
        "Exit status: 0 no changes; 1 error; 2 there are changes.",
      ],
      examples: [
        "tidemark diff git:HEAD plan",
        "tidemark diff plan policy.yaml",
        "tidemark diff git:main plan --format markdown > comment.md",
      ],
    },
  ).action(action(async () => (await import("./diff.js")).diffCommand));

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
            "--format <format>",
            "html: one file without network access, which answers to pointer and keys; svg: a picture (default: by the file's name, else html)",
          ).choices(["html", "svg"]),
        ),
    ),
    {
      examples: [
        "tidemark timeline plan > timeline.html",
        "tidemark timeline policy.yaml --until 2027-03-01 --domain 'web-*' -o web.svg",
      ],
    },
  ).action(action(async () => (await import("./timeline.js")).timelineCommand));

  explained(
    program
      .command("inventory")
      .description(
        "capture what a plan is compiled over, through virsh: versions, domains, checkpoints, restore points",
      )
      .argument("[domain...]", "only these domains")
      .option("-c, --connect <uri>", "libvirt connection, also a remote one (default: virsh's own)")
      .option("-o, --out <dir>", "the inventory's folder", "inventory")
      .option(
        "--repository <dir>",
        "copy the manifests of the policy's repository as well, so that the next plan carries on",
      )
      .option(
        "--policy <file>",
        "capture the hosts that this policy names, each from its uri into its folder",
      )
      .option("--host <name...>", "with --policy: only these hosts; names or globs")
      .option("--sizes", "also ask how much has changed since each checkpoint, for the forecast")
      .addOption(format()),
    {
      notes: [
        "Secrets are not asked for. Ids and other things that change by themselves are left out, so that the folder differs in git only where the host does. Files of domains, checkpoints and restore points that are gone are removed.",
      ],
      examples: [
        "tidemark inventory -c qemu:///system --repository /var/backup/libvirt",
        "tidemark inventory -c qemu+ssh://root@host/system -o hosts/host/inventory web-1 mail",
        "tidemark inventory --policy fleet.yaml --host 'kvm-*'",
      ],
    },
  ).action(action(async () => (await import("./inventory.js")).inventoryCommand));

  explained(
    program
      .command("verify")
      .description("check a repository: manifests, checksums, images and chains")
      .argument("<repository>", "the policy's repository, or one domain's folder in it")
      .option("--domain <name>", "only this domain")
      .option("--quick", "compare no checksums: read only what qemu-img check reads")
      .addOption(format()),
    {
      notes: ["Exit status: 0 every restore point can be restored; 1 something is damaged or missing."],
      examples: [
        "tidemark verify /var/backup/libvirt",
        "tidemark verify /var/backup/libvirt --domain web-1 --quick --format json",
      ],
    },
  ).action(action(async () => (await import("./verify.js")).verifyCommand));

  explained(
    program
      .command("restore")
      .description("restore from a repository alone, when the plan directory is lost")
      .argument("<repository>", "the policy's repository, or one domain's folder in it")
      .option("--domain <name>", "the domain; may be left out if there is one only")
      .option(
        "--at <time>",
        "newest restore point at or before this time (UTC unless it has an offset; a day means its end), or a restore point's name; default: the newest",
      )
      .option("--list", "list the restore points")
      .addOption(format(["text", "json"]))
      .option("--to <dir>", "where the images go; nothing that exists is written to", ".")
      .option("--disk <target...>", "only these disks")
      .addOption(
        new Option("--image-format <format>", "format of the images")
          .choices(["qcow2", "raw"])
          .default("qcow2"),
      )
      .option("--define <name>", "define a new domain of this name on them, from the saved XML")
      .option("-c, --connect <uri>", "libvirt connection, for --define")
      .option("--check-only", "check manifests, checksums and chains, write nothing")
      .option("-n, --dry-run", "print the qemu-img commands, run none"),
    {
      notes: [
        "Needs bash and qemu-img. Exit status: 0 restored; 1 refused or failed, and nothing that existed was touched.",
      ],
      examples: [
        "tidemark restore /var/backup/libvirt --list",
        "tidemark restore /var/backup/libvirt --domain web-1 --at 2026-12-07 --to /srv/restored",
      ],
    },
  ).action(action(async () => (await import("./restore.js")).restoreCommand));

  explained(
    program
      .command("redefine")
      .description("bring back checkpoints that libvirt has lost and whose bitmaps are still in the images")
      .argument("<repository>", "the policy's repository, or one domain's folder in it")
      .requiredOption("--domain-xml <file>", "the domain as it is now (virsh dumpxml)")
      .option("--domain <name>", "the domain in the repository, where it goes by another name or UUID")
      .option("--checkpoints <dir>", "checkpoints that libvirt still has (virsh checkpoint-dumpxml)")
      .option("-o, --out <dir>", "a new folder for the documents and the script", "redefine"),
    {
      notes: [
        "Writes a document a checkpoint and redefine.sh, which looks for each bitmap and defines what is whole, parents first. Changes nothing itself.",
        "Exit status: 0 written; 1 nothing could be.",
      ],
      examples: [
        "tidemark redefine /var/backup/libvirt --domain-xml inventory/domains/web-1.xml",
        "tidemark redefine /var/backup/libvirt/web-1 --domain-xml inventory/domains/web-1.xml -o back && back/redefine.sh --dry-run",
      ],
    },
  ).action(action(async () => (await import("./redefine.js")).redefineCommand));

  explained(
    program
      .command("schema")
      .description("print a JSON Schema")
      .addArgument(new Argument("[name]", "which schema").choices(SCHEMAS).default("policy")),
    { examples: ["tidemark schema policy > policy.schema.json"] },
  ).action(action(async () => (await import("./schema.js")).schemaCommand));

  explained(
    program
      .command("completion")
      .description("print a shell's completion script")
      .addArgument(new Argument("<shell>", "which shell").choices(["bash", "zsh", "fish"])),
    {
      notes: [
        "It completes commands, options and files, and names of domains, slots and restore points out of the policy or repository that the line names.",
      ],
      examples: [
        "tidemark completion bash > /etc/bash_completion.d/tidemark",
        "tidemark completion zsh > /usr/local/share/zsh/site-functions/_tidemark",
        "tidemark completion fish > ~/.config/fish/completions/tidemark.fish",
      ],
    },
  ).action(action(async () => (await import("./completion.js")).completionCommand));

  explained(program.command("man").description("print the manual page"), {
    examples: ["tidemark man | man -l -"],
  }).action(action(async () => async () => (await import("./man.js")).manCommand(program)));

  for (const command of program.commands)
    command.showHelpAfterError(`(tidemark ${command.name()} --help shows what it takes)`);
  return program;
}

function format(formats: readonly string[] = ["text", "json", "github"]): Option {
  return new Option("--format <format>", "form of what is printed").choices(formats).default("text");
}
