/** TM1xx: the text of the policy. */
export const POLICY = {
  TM101: `The policy's file cannot be opened, or what is in it is not UTF-8, which is the one encoding that policies have;
a byte order mark may stand before it. Name the YAML file that is meant, let this user read it, or save it as UTF-8. The
place is that of the first byte that does not fit.`,

  TM102: `A policy is YAML 1.2, and this text is not: a bracket or a quote that does not end, a tab that indents, a key
that is there twice, an alias whose anchor does not stand further up. Behind the first finding, others often only follow
from it.

Two limits stand here as well, so that no text can keep the compiler busy for ever: levels within one another, and aliases
of aliases that multiply. No policy comes near them; settings that many domains share go into \`defaults\` or an entry
with a glob.`,

  TM103: `There is nothing in the file but spaces and comments. A first policy for a host's domains is written by
\`tidemark init\`.`,

  TM104: `\`version\` says which format of policies this one is written in, so that a later tidemark can tell. This one
knows version 1, a number without quotes. Nothing else in the file is looked at, as its keys may mean something else
there: use a tidemark that knows the version, or write the policy for version 1.`,

  TM105: `No key of this name belongs here. A key that is not known would be a setting that is not in force: a
\`retension\` keeps everything, an \`exlude\` excludes nothing. So none is passed over. The hint names what may be meant,
or all keys of the place; \`tidemark schema policy\` prints them with descriptions, and editors that read the schema
complete them.`,

  TM106: `What cannot be guessed has to be said: a schedule's levels, the address of a server, the repository. The hint
shows how the key is written and what it is for.`,

  TM107: `The value is of another kind than the key takes: text where a number is meant, one value where a list is. YAML
decides by how it is written: \`"7"\` is text and \`7\` a number; \`true\` and \`false\` are truth values, but \`yes\` and
\`on\` are text, as of YAML 1.2; a leading \`*\`, \`&\` or \`@\` means something else unless the text is in quotes.`,

  TM108: `The value is of the right kind, and not one that the key can have: a word that is not on its list, a number out
of bounds, a date that no calendar has, a span that cannot be read, a name that cannot be one. Spans are written \`12h\`,
\`30d\`, \`6w\`, \`3m\`, \`1y\`, \`90min\`, with \`m\` for months.`,

  TM109: `A policy, and each file that it names, may have 1 MiB. Ten thousand domains with a line each take less. Beyond
that, let globs and \`where\` select domains rather than listing them, keep what they share in \`defaults\`, or split the
policy.`,

  TM110: `The times of a level are a cron expression of five fields: minute, hour, day of the month, month, weekday. It is
read as a clock on the wall shows time, in the policy's zone. \`sun#1\` is the first Sunday of a month, \`sun#L\` its
last, \`L\` its last day; where day and weekday are both given, a day that is either counts, as in every cron. \`@daily\`,
\`@weekly\` and \`@monthly\` stand for midnight. An expression that never fires, such as the 31st of February, is refused
too. \`PLAN.md\` shows what each means to systemd.`,

  TM111: `Slots are times on a clock, so the zone must be one that computers know: an IANA name such as \`Europe/Berlin\`.
Abbreviations are ambiguous. With \`systemd\`, the name must also be written as systemd spells it, since it is the name of
a file there.`,

  TM112: `A plan covers a span of time, which the policy's \`horizon\` or \`--from\` and \`--until\` say; it is never
taken from the clock, so that the same inputs give the same plan on any day. It needs a beginning, and an end after that:
\`until\`, or \`for\` such as \`2w\`, not both. A time is a date, a local time in the policy's zone, or an instant with
its offset. The end is exclusive.`,

  TM113: `Paths of targets, scratch files and sockets may hold placeholders in braces, which differ in what can be known
where they are used: a socket belongs to a domain and knows no disk; the repository knows its host, where the policy names
hosts, and nothing else. A name that is not one of them would end up in the path as it stands, and every run, or every
host, would write to the same place.`,

  TM114: `Two settings that cannot both be in force: what only pull mode has (\`server\`, \`stream\`, \`scratch\`,
\`exportName\`) for a domain in push mode, an image's place or format for disks that are streamed and have no image, a
port for a Unix socket, \`consolidate\` where there is no file to fold. In \`defaults\` such settings are allowed, and
serve the domains that they fit. Take one of the two away.`,

  TM115: `Another setting needs this one to be complete. Pull mode needs a \`server\` to listen on and a \`scratch\`
place, where QEMU keeps what the guest overwrites while the backup is read. \`maxConcurrent\` needs to know how long runs
take, from \`estimate\` or from the catalog. \`ansible\` needs \`hosts\` to go to.`,

  TM116: `In pull mode QEMU serves the disks by NBD. Over plain TCP, whoever reaches the port while a backup runs can read
them all, and nothing says who does. On 127.0.0.1 these are all users of the host itself, those of containers that share its
network, and whatever a tunnel leads there: only a Unix socket has an owner and permissions. Listen on a Unix socket, or set
\`tls: true\`. A warning, since nobody else may be on the host, or on the network.`,

  TM117: `\`m\` is months, in spans as in restic's; minutes are \`min\`. A time limit of \`10m\` would be ten months,
which no job takes. It is compiled as it is written: write \`10min\`, or years where many months are meant, as in
\`1y6m\`.`,

  TM120: `\`extends\` and \`include\` name files or globs; \`hosts\` may name a glob of inventories. One of them is not
there, cannot be read, or a glob finds nothing. Paths are relative to the file in which they are written, not to where
tidemark is started. A glob that finds nothing is refused as well: a fragment that has gone would take its domains out of
the backup.`,

  TM121: `A file that is extended or included names, by itself or through others, the file that names it, so that reading
would not end. Also told where files name each other in so many ways that over a thousand would be read. Take one of the
references out.`,

  TM122: `Files that are included stand side by side, and none of them wins: a key, or an entry of a list of entries by
name, may be set in one of them only. Otherwise the order of file names would decide what is backed up. A value that is to
be overridden goes into a file that this one \`extends\`: there the nearer one wins.`,
} as const;
