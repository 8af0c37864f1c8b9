import { Argument, Command, CommanderError, Option } from "commander";

/** Exit status of every command (DESIGN: 0 done, 1 error, 2 there are differences). */
export type ExitStatus = 0 | 1 | 2;

/** Runs the command line and returns its exit status; nothing here throws on bad input. */
export async function run(args: readonly string[], version: string): Promise<number> {
  let status: number = 0;
  const action =
    <T extends unknown[]>(load: () => Promise<(...given: T) => ExitStatus | Promise<ExitStatus>>) =>
    async (...given: T): Promise<void> => {
      status = await (await load())(...given);
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
      .option("--inventory <dir>", "read the inventory here, not where the policy says")
      .option("--from <time>", "begin of the horizon: 2026-12-01, or an instant such as 2026-12-01T00:00:00Z")
      .option("--until <time>", "end of the horizon, exclusive");
  const inputs = (command: Command, formats?: readonly string[]): Command =>
    horizon(command).addOption(format(formats));

  inputs(
    program
      .command("compile")
      .description("compile policies into plan directories")
      .argument("<policy...>", "policy files")
      .option(
        "-o, --out <dir>",
        'plan directory (default: "plan" beside the policy); with several policies, the folder that holds them',
      )
      .option("-n, --dry-run", "print the plan, write nothing")
      .option(
        "--check",
        "is the plan directory what the policies compile to? Prints the difference, writes nothing",
      ),
  )
    .addHelpText(
      "after",
      `
Exit status: 0 written, or with --check: it is; 1 error, and nothing is written; 2 with --check: it is not.

Examples:
  $ tidemark compile policy.yaml -o plan
  $ tidemark compile policy.yaml -o plan --check
  $ tidemark compile policy.yaml --from 2026-12-01 --until 2026-12-15 --dry-run`,
    )
    .action(action(async () => (await import("./compile.js")).compileCommand));

  inputs(
    program
      .command("validate")
      .description("check policies and their inventories, write nothing")
      .argument("<policy...>", "policy files"),
  )
    .addHelpText("after", "\nExample:\n  $ tidemark validate policy.yaml --format github")
    .action(action(async () => (await import("./validate.js")).validateCommand));

  inputs(
    program
      .command("xml")
      .description("print one document of a plan, for virsh")
      .argument("<policy>", "policy file")
      .addArgument(new Argument("<document>", "which document").choices(["backup", "checkpoint", "fallback"]))
      .requiredOption("--domain <name>", "the domain")
      .requiredOption(
        "--slot <time>",
        "the slot: an instant, a local time in the policy's zone, or a day that has one slot",
      ),
  )
    .addHelpText(
      "after",
      `
Example:
  $ virsh backup-begin fedora <(tidemark xml policy.yaml --domain fedora --slot 2026-12-06 backup) \\
                              <(tidemark xml policy.yaml --domain fedora --slot 2026-12-06 checkpoint)`,
    )
    .action(action(async () => (await import("./xml.js")).xmlCommand));

  inputs(
    program
      .command("explain")
      .description("why a restore point has its level and base, what keeps it, what deletes it")
      .argument("<policy>", "policy file")
      .requiredOption("--domain <name>", "the domain")
      .option("--slot <time>", "one restore point: as for xml, or its name; default: a line for each"),
  )
    .addHelpText("after", "\nExample:\n  $ tidemark explain policy.yaml --domain fedora --slot 2026-12-06")
    .action(action(async () => (await import("./explain.js")).explainCommand));

  inputs(
    program
      .command("diff")
      .description("what changes between two plans, by meaning: what is lost, dropped, moved, kept longer")
      .argument("<old>", "plan directory, plan.json, policy (compiled for this), or git:REV[:PATH]")
      .argument("<new>", "the same"),
    ["text", "markdown", "json"],
  )
    .addHelpText(
      "after",
      `
git:REV is the plan of the other argument as it was at that revision; git:REV:PATH another file, from the repository's top.
Markdown is for a comment on a pull request: under 65,000 characters, its first line marks it so that it can be replaced.

Exit status: 0 no changes; 1 error; 2 there are changes.

Examples:
  $ tidemark diff git:HEAD plan
  $ tidemark diff plan policy.yaml
  $ tidemark diff git:main plan --format markdown > comment.md`,
    )
    .action(action(async () => (await import("./diff.js")).diffCommand));

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
  )
    .addHelpText(
      "after",
      `
Examples:
  $ tidemark timeline plan > timeline.html
  $ tidemark timeline policy.yaml --until 2027-03-01 --domain 'web-*' -o web.svg`,
    )
    .action(action(async () => (await import("./timeline.js")).timelineCommand));

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
    .option("--sizes", "also ask how much has changed since each checkpoint, for the forecast")
    .addOption(format())
    .addHelpText(
      "after",
      `
Secrets are not asked for. Ids and other things that change by themselves are left out, so that the folder differs in git
only where the host does. Files of domains, checkpoints and restore points that are gone are removed.

Examples:
  $ tidemark inventory -c qemu:///system --repository /var/backup/libvirt
  $ tidemark inventory -c qemu+ssh://root@host/system -o hosts/host/inventory web-1 mail`,
    )
    .action(action(async () => (await import("./inventory.js")).inventoryCommand));

  program
    .command("verify")
    .description("check a repository: manifests, checksums, images and chains")
    .argument("<repository>", "the policy's repository, or one domain's folder in it")
    .option("--domain <name>", "only this domain")
    .option("--quick", "compare no checksums: read only what qemu-img check reads")
    .addOption(format())
    .addHelpText(
      "after",
      `
Exit status: 0 every restore point can be restored; 1 something is damaged or missing.

Examples:
  $ tidemark verify /var/backup/libvirt
  $ tidemark verify /var/backup/libvirt --domain web-1 --quick --format json`,
    )
    .action(action(async () => (await import("./verify.js")).verifyCommand));

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
    .option("-n, --dry-run", "print the qemu-img commands, run none")
    .addHelpText(
      "after",
      `
Needs bash and qemu-img. Exit status: 0 restored; 1 refused or failed, and nothing that existed was touched.

Examples:
  $ tidemark restore /var/backup/libvirt --list
  $ tidemark restore /var/backup/libvirt --domain web-1 --at 2026-12-07 --to /srv/restored`,
    )
    .action(action(async () => (await import("./restore.js")).restoreCommand));

  program
    .command("schema")
    .description("print a JSON Schema")
    .addArgument(
      new Argument("[name]", "which schema")
        .choices(["policy", "plan", "diff", "explanation", "manifest", "host", "verification"])
        .default("policy"),
    )
    .addHelpText("after", "\nExample:\n  $ tidemark schema policy > policy.schema.json")
    .action(action(async () => (await import("./schema.js")).schemaCommand));

  try {
    await program.parseAsync(args, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 1;
    throw error;
  }
}

function format(formats: readonly string[] = ["text", "json", "github"]): Option {
  return new Option("--format <format>", "form of what is printed").choices(formats).default("text");
}
