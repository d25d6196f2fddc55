import { readSecret } from '@shepherd/core';
import type { PrometheusOptions } from '../options.js';
import type { Wire } from './driver.js';

/** Keeps connections, and opens new ones when a certificate changed. */
export class Wires {
  #current: { readonly key: string; readonly wire: Wire } | undefined;

  constructor(private readonly options: Pick<PrometheusOptions, 'tls'>) {}

  /** @throws ShepherdError ERR_INVALID_OPTIONS where a certificate is missing */
  async get(): Promise<Wire> {
    const { tls = {} } = this.options;
    const read = await Promise.all([tls.ca, tls.cert, tls.key].map((source) => (source === undefined ? undefined : readSecret(source))));
    const key = JSON.stringify(read);
    if (this.#current?.key === key) return this.#current.wire;
    const [{ Agent: Http }, { Agent: Https }] = await Promise.all([import('node:http'), import('node:https')]);
    const [ca, cert, privateKey] = read;
    const https = new Https({
      keepAlive: true,
      ...(ca === undefined ? {} : { ca }),
      ...(cert === undefined ? {} : { cert }),
      ...(privateKey === undefined ? {} : { key: privateKey }),
      ...(tls.serverName === undefined ? {} : { servername: tls.serverName }),
    });
    this.close();
    const wire = { http: new Http({ keepAlive: true }), https };
    this.#current = { key, wire };
    return wire;
  }

  close(): void {
    this.#current?.wire.http?.destroy();
    this.#current?.wire.https?.destroy();
    this.#current = undefined;
  }
}
