/** TM1xx: the text of the policy. */
export const POLICY = {
  TM101: `The file of the policy cannot be opened, or it is not UTF-8. UTF-8 is the only encoding of policies; a byte order mark
may stand at the beginning. Check the name of the file, give this user the permission to read it, or save it as UTF-8. The
location is that of the first byte that is not UTF-8.`,

  TM102: `A policy is YAML 1.2, but this text is not. A bracket or a quote is not closed, a line is indented with a tab, a key
occurs twice, or an alias has no anchor before it. The first diagnostic often causes those that follow it.

Two limits keep a text from occupying the compiler for ever: one on nested levels, and one on aliases of aliases, which
multiply. No real policy comes near them. Put settings that many domains share into \`defaults\`, or into an entry with a glob.`,

  TM103: `The file contains only spaces and comments. \`tidemark init\` writes a first policy for the domains of a host.`,

  TM104: `\`version\` is the version of the policy's format. This tidemark knows only version 1, written as a number without
quotes. It does not check the rest of the file, because the keys may have another meaning in another version. Use a tidemark
that knows the version, or write the policy for version 1.`,

  TM105: `No key of this name is allowed here. If tidemark ignored it, a setting would silently have no effect: \`retension\`
would keep everything, \`exlude\` would exclude nothing. The hint names the key that may be meant, or all keys that are allowed
here. \`tidemark schema policy\` prints all keys with descriptions, and editors that read the schema complete them.`,

  TM106: `A key is missing that has no default, such as the levels of a schedule, the address of a server, or the repository. The
hint shows how the key is written and what it is for.`,

  TM107: `The value has the wrong type: text instead of a number, or one value instead of a list. In YAML the spelling decides
about the type. \`"7"\` is text and \`7\` is a number. \`true\` and \`false\` are truth values, but \`yes\` and \`on\` are text in
YAML 1.2. A leading \`*\`, \`&\` or \`@\` has a special meaning unless the text is in quotes.`,

  TM108: `The value has the right type, but the key does not allow it: a word that is not in the list, a number out of range, a
date that does not exist, a span that cannot be read, or an invalid name. A span is written like \`12h\`, \`30d\`, \`6w\`, \`3m\`,
\`1y\` or \`90min\`; \`m\` means months.`,

  TM109: `A policy, and each file that it names, may have at most 1 MiB. Ten thousand domains with a line each need less. If the
policy is larger, select domains with globs and \`where\` instead of listing them, put shared settings into \`defaults\`, or
split the policy.`,

  TM110: `The times of a level are a cron expression with five fields: minute, hour, day of the month, month, weekday. It names
wall-clock times in the policy's zone. \`sun#1\` is the first Sunday of a month, \`sun#L\` its last Sunday, and \`L\` its last day.
If both day and weekday are given, the expression fires on every day that matches either of them, as in every cron. \`@daily\`,
\`@weekly\` and \`@monthly\` fire at midnight. An expression that never fires, such as one for the 31st of February, is refused
too. \`PLAN.md\` shows each expression in systemd's notation.`,

  TM111: `Slots are wall-clock times, so the time zone must be a known one: an IANA name such as \`Europe/Berlin\`. Abbreviations
are ambiguous. With \`systemd\`, the name must also be spelled exactly as on the host, because systemd uses it as the name of a
file.`,

  TM112: `A plan covers a span of time, the horizon. The policy's \`horizon\`, or \`--from\` and \`--until\`, give it; it is never
taken from the clock, so that the same inputs give the same plan on any day. It needs a beginning and a later end. The end is
\`until\`, or \`for\` with a span such as \`2w\`, but not both. A time is a date, a local time in the policy's zone, or an instant
with its offset. The end is exclusive.`,

  TM113: `The paths of targets, scratch files and sockets may contain placeholders in braces. Which placeholders are known
depends on the path: a socket belongs to a domain, so it does not know a disk; the repository knows only \`{host}\`, and only if
the policy names hosts. An unknown placeholder would stay in the path as it is written, and every run, or every host, would
write to the same path.`,

  TM114: `Two settings contradict each other. Examples are a setting that only pull mode has (\`server\`, \`stream\`, \`scratch\`,
\`exportName\`) for a domain in push mode, the path or format of an image for disks that are streamed and have no image, a port
for a Unix socket, \`compress\` for images that are raw or streamed, \`consolidate\` without image files that could be folded, or
\`ansible\` with units for \`qemu:///session\`, which belong to a user, while the playbook installs those of the system. In
\`defaults\`, settings of pull mode and of images are allowed; they apply to the domains that they fit. Remove one of the two
settings.`,

  TM115: `Another setting needs this one. Pull mode needs a \`server\` to listen on and a \`scratch\` path, where QEMU keeps the
blocks that the guest overwrites while the backup is read. \`maxConcurrent\` needs to know how long runs take, from \`estimate\`
or from the catalog. \`ansible\` needs \`hosts\`. \`systemd\` with a connection to \`qemu:///session\` needs \`directory\`, because the
units belong to a user, and the default is a folder of root.`,

  TM116: `In pull mode QEMU serves the disks over NBD. Over plain TCP, everybody who can reach the port while a backup runs can read
all of them, and nothing records who does. On 127.0.0.1 these are all users of the host, the users of containers that share its
network, and everybody at the other end of a tunnel. Only a Unix socket has an owner and permissions. Listen on a Unix socket, or
set \`tls: true\`. This is a warning, because nobody else may be on the host or in the network.`,

  TM117: `In a span, \`m\` means months, as in restic; minutes are \`min\`. A time limit of \`10m\` would be ten months, and no job
takes that long. The value is compiled as it is written. Write \`10min\` for minutes; if you do mean many months, write years, as
in \`1y6m\`.`,

  TM118: `A day that matches the day or the weekday fires, as POSIX says of cron. Vixie's cron, and those that come from it, take only
days that match both if one of the two fields begins with \`*\`: for them \`0 2 */2 * mon\` is every Monday with an odd date, and for
tidemark it is every odd date and every Monday. The expression is compiled as tidemark reads it, and PLAN.md lists the runs. Write
\`1-31/2\` for \`*/2\` if this is what you mean.`,

  TM120: `\`extends\` and \`include\` name files or globs, and \`hosts\` may name a glob of inventories. A file does not exist or
cannot be read, or a glob matches nothing. Paths are relative to the file in which they are written, not to the folder in which
tidemark is started. A glob that matches nothing is an error, because a missing fragment would take its domains out of the
backup.`,

  TM121: `A file that is extended or included names, directly or through other files, the file that names it, so that reading
would never end. The same diagnostic is given if files name each other in so many ways that more than a thousand files would be
read. Remove one of the references.`,

  TM122: `No included file has priority over another one, so only one of them may set a given key, or an entry of that name.
Otherwise the order of the file names would decide what is backed up. To override a value, put it into a file that this one
\`extends\`; the file that extends has priority.`,

  TM123: `A policy, or a file that it extends or includes, is outside of the policy's own folders, and is neither a policy nor a
part of one: it is not YAML, or it has keys that no policy has. The policy's own folders are the git work tree that contains it, or
else only its folder. If a path is a link, the file to which it leads counts. Diagnostics show the lines that they are about. They do
not show lines of a file to which somebody else's policy only points, such as \`/etc/shadow\`, nor what is wrong with it. Put the file
into the work tree, or correct it where it may be read.`,
} as const;
