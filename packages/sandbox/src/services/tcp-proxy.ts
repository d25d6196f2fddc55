import { connect, createServer, type Server, type Socket } from 'node:net';

/**
 * A port of a Service as a real TCP proxy on loopback. Each connection goes to the pod picked when it came and stays there until one of them ends it; a reset
 * is passed on as a reset.
 */
export class TcpProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #port = 0;

  /** @param pick the loopback port for a new connection; none: it is reset, which is as near to a refusal as an open port comes */
  constructor(pick: () => number | undefined) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const port = pick();
      this.#track(client);
      if (port === undefined) return void client.resetAndDestroy();
      const pod = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
      this.#track(pod);
      join(client, pod);
      join(pod, client);
    });
  }

  /** Resolves with the loopback port once it listens. */
  listen(): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(0, '127.0.0.1', () => {
        const address = this.#server.address();
        this.#port = typeof address === 'object' && address !== null ? address.port : 0;
        resolve(this.#port);
      });
    });
  }

  get port(): number {
    return this.#port;
  }

  close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    return new Promise((resolve) => this.#server.close(() => resolve()));
  }

  #track(socket: Socket): void {
    this.#sockets.add(socket);
    socket.on('close', () => this.#sockets.delete(socket));
  }
}

/** Bytes and the end of `from` reach `to`; so does a reset, or a connection that never came about. */
function join(from: Socket, to: Socket): void {
  from.pipe(to);
  from.on('error', () => to.resetAndDestroy());
  from.on('close', () => {
    if (!to.writableEnded && !to.destroyed) to.destroy();
  });
}
