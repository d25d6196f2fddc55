type Answer = 'ok' | 'failed' | 'unknown';

/** A host outside the cluster, as this machine sees it: is its name known, does its port answer. Nothing is sent. */
export async function isReachable(
  host: string,
  port: number,
  signal: AbortSignal,
): Promise<{ readonly dns: Answer; readonly tcp: Answer; readonly said?: string | undefined }> {
  const [{ lookup }, { connect }] = await Promise.all([import('node:dns/promises'), import('node:net')]);
  let address: string;
  try {
    ({ address } = await lookup(host));
  } catch (error) {
    return { dns: 'failed', tcp: 'unknown', said: error instanceof Error ? error.message : String(error) };
  }
  return new Promise((resolve, reject) => {
    const socket = connect({ host: address, port });
    const stop = (): void => {
      socket.destroy();
      reject(signal.reason);
    };
    const end = (answer: { readonly tcp: Answer; readonly said?: string | undefined }): void => {
      signal.removeEventListener('abort', stop);
      socket.destroy();
      resolve({ dns: 'ok', ...answer });
    };
    signal.addEventListener('abort', stop, { once: true });
    socket.once('connect', () => end({ tcp: 'ok' }));
    socket.once('error', (error) => end({ tcp: 'failed', said: error.message }));
  });
}
