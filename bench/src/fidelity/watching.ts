import type { Json } from './json.js';

export interface WatchEvent {
  readonly type: string;
  readonly object: Json;
}

/** The events of a watch until it ends or is aborted. @throws Error where the server refuses to watch */
export async function* watching(url: string, headers: Readonly<Record<string, string>>, signal: AbortSignal): AsyncGenerator<WatchEvent> {
  try {
    const response = await fetch(url, { headers, signal });
    if (!response.ok || response.body === null) throw new Error(`the watch was refused [status=${response.status}, url=${url}]: ${await response.text()}`);
    const decoder = new TextDecoder();
    let rest = '';
    for await (const chunk of response.body) {
      const lines = (rest + decoder.decode(chunk as Uint8Array, { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (line !== '') yield JSON.parse(line) as WatchEvent;
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
