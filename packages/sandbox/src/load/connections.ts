import { Agent } from 'node:http';
import { connect, type Socket, type TcpNetConnectOpts } from 'node:net';

/** One TCP connection at a time, at most one request in flight on it; opened when needed, again after it ended. */
class Slot extends Agent {
  constructor() {
    super({ keepAlive: true, maxSockets: 1, maxFreeSockets: 1 });
  }

  // A client that has read the server's end sends nothing more there; node alone would, until its own end is through.
  override createConnection(options: object): Socket {
    const socket = connect(options as TcpNetConnectOpts);
    socket.once('end', () => setImmediate(() => socket.destroy()));
    return socket;
  }
}

/** Where requests get their connections from. */
export interface Connections {
  take(): Agent;
  /** The request on it has ended. */
  give(agent: Agent): void;
  close(): void;
}

/** A new connection for each request. */
export function freshConnections(): Connections {
  const agent = new Agent({ keepAlive: false });
  return { take: () => agent, give: () => undefined, close: () => agent.destroy() };
}

/**
 * `size` kept connections, the one that rested longest first. An open loop never waits: while all are busy a further one is opened, and dropped after use.
 */
export function keptConnections(size: number): Connections {
  const idle: Slot[] = Array.from({ length: size }, () => new Slot());
  return {
    take: () => idle.shift() ?? new Slot(),
    give: (agent) => {
      if (idle.length < size) idle.push(agent as Slot);
      else agent.destroy();
    },
    close: () => {
      for (const slot of idle) slot.destroy();
    },
  };
}
