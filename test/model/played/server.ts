import { createServer, type Socket } from "node:net";

/** A call of a tool that is played here. */
export interface ToolCall {
  readonly tool: string;
  readonly folder: string;
  /** `LC_ALL`: the real tools speak the host's language. */
  readonly locale: string;
  readonly args: readonly string[];
  readonly say: (stdout: string, stderr?: string) => void;
  readonly end: (status: number) => void;
  /** It waits from now on. */
  readonly ready: () => void;
  /** Lets the real tool do it. */
  readonly pass: () => void;
  /** Called when the caller is gone before its answer. */
  readonly onGone: (act: () => void) => void;
}

export type Player = (call: ToolCall) => void;

const worlds = new Map<string, Player>();
let port: Promise<number> | undefined;

/** Where the tools in `bin/` find this process; a world's calls go to its player until it is taken out. */
export async function play(world: string, player: Player): Promise<{ port: number; stop: () => void }> {
  worlds.set(world, player);
  port ??= listen();
  return { port: await port, stop: () => worlds.delete(world) };
}

function listen(): Promise<number> {
  const server = createServer((socket) => hear(socket));
  server.unref();
  return new Promise((resolve) => {
    server.listen(0, "127.0.0.1", 512, () => {
      const address = server.address();
      resolve(address !== null && typeof address === "object" ? address.port : 0);
    });
  });
}

function hear(socket: Socket): void {
  let text = "";
  let answered = false;
  socket.setEncoding("utf8");
  socket.setNoDelay(true);
  socket.on("error", () => socket.destroy());
  socket.on("data", (data: string) => {
    if (answered) return;
    text += data;
    const [world = "", tool = "", folder = "", locale = "", count, ...args] = text.split("\0");
    // Each word ends with a NUL, so that a last one follows that is empty.
    if (count === undefined || args.length <= Number(count)) return;
    answered = true;
    const write = (part: string) => {
      if (!socket.destroyed) socket.write(`${part}\0`);
    };
    const player = worlds.get(world);
    // Something that a script has left at work, when all else is gone.
    if (player === undefined) write("=70");
    if (player === undefined) socket.end();
    player?.({
      tool,
      folder,
      locale,
      args: args.slice(0, Number(count)),
      say: (stdout, stderr = "") => {
        if (stdout !== "") write(`1${stdout}`);
        if (stderr !== "") write(`2${stderr}`);
      },
      end: (status) => {
        write(`=${status}`);
        socket.end();
      },
      ready: () => write("ready"),
      pass: () => {
        write("run");
        socket.end();
      },
      onGone: (act) => socket.once("close", act),
    });
  });
}
