import type { Transport } from '@shepherd/core';
import type { Call, Send, Sent } from './driver.js';

/** The same request to a Prometheus in this process. Without the driver, which would be loaded while a virtual clock believes that nobody works. */
export async function sendInMemory({ url, call, headers, signal }: Send, transport: Transport): Promise<Sent> {
  const [path, form = new URLSearchParams()] = formOf(call);
  const type = 'application/x-www-form-urlencoded';
  const post = call.kind === 'instant' || call.kind === 'range';
  const request = {
    method: post ? 'POST' : 'GET',
    url: `${url}/api/v1/${path}${post ? '' : `?${form}`}`,
    headers: post ? { ...headers, 'content-type': type } : headers,
    ...(post ? { body: form.toString() } : {}),
    signal,
  };
  const plain = await transport.plain?.(request);
  if (plain !== undefined && !(plain.body instanceof ReadableStream)) {
    return { status: plain.status, headers: plain.headers, text: typeof plain.body === 'string' ? plain.body : plain.body.text() };
  }
  const answer = plain === undefined ? await transport(new Request(request.url, request)) : new Response(plain.body as ReadableStream, plain);
  return { status: answer.status, headers: Object.fromEntries(answer.headers), text: await answer.text() };
}

const seconds = (ms: number): string => String(ms / 1_000);

function formOf(call: Call): readonly [path: string, form?: URLSearchParams] {
  switch (call.kind) {
    case 'instant':
      return ['query', new URLSearchParams({ query: call.query, time: seconds(call.atMs) })];
    case 'range': {
      const { query, fromMs, toMs, stepMs } = call;
      return ['query_range', new URLSearchParams({ query, start: seconds(fromMs), end: seconds(toMs), step: seconds(stepMs) })];
    }
    case 'rules':
      return ['rules'];
    case 'values': {
      const { label, match, fromMs, toMs } = call;
      return [`label/${label}/values`, new URLSearchParams({ 'match[]': match, start: seconds(fromMs), end: seconds(toMs) })];
    }
  }
}
