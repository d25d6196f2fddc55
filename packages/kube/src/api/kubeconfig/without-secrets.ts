import type { Connection } from './connection.js';

/** Gives a connection the `toJSON` that leaves the credential, the certificates and the proxy's password out, and the same for `console.log`. */
export function withoutSecrets(connection: Omit<Connection, 'toJSON'>): Connection {
  const { server, namespace, context, contextFrom } = connection;
  const plain = { server, namespace, context, contextFrom };
  const hidden = { toJSON: { value: () => plain }, [Symbol.for('nodejs.util.inspect.custom')]: { value: () => plain } };
  return Object.defineProperties({ ...connection }, hidden) as Connection;
}
