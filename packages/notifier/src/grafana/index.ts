import type { Delivery, Notifier, SecretSource } from '@shepherd/core';
import { deliveryOf, sending } from '../http/delivery.js';
import { exchange, type Reply } from '../http/exchange.js';
import { type ChannelOptions, checkOptions, secretLine, sourceIssues } from '../options.js';
import { channelFindings } from '../preflight.js';
import { annotationOf } from './annotation.js';

/** Which Grafana, and which of its dashboards. */
export interface GrafanaOptions extends ChannelOptions {
  /** Of Grafana itself: `https://grafana.example.com`, with its path where it has one. */
  readonly url: string;
  /** Of a service account that may write annotations. */
  readonly token: SecretSource;
  /** @default none: the annotation is the organisation's */
  readonly dashboardUid?: string | undefined;
  readonly panelId?: number | undefined;
}

/**
 * Each rollout as an annotation: made when it begins, a region with its outcome when it ends, with tags `app:… env:… version:… outcome:…`. All other notices are
 * nothing to Grafana. @throws ShepherdError ERR_INVALID_OPTIONS
 */
export function grafana(options: GrafanaOptions): Notifier {
  const issues = [...sourceIssues('grafana.token', options?.token)];
  if (typeof options?.url !== 'string' || !URL.canParse(options.url))
    issues.push({ path: 'grafana.url', got: 'no URL', expected: 'https://grafana.example.com' });
  checkOptions('grafana', options, ['url', 'token', 'dashboardUid', 'panelId'], issues);
  const { name = 'grafana', wants, url, token, dashboardUid, panelId, allowPrivate } = options;
  const api = `${url.replace(/\/+$/, '')}/api/annotations`;
  const where = { ...(dashboardUid === undefined ? {} : { dashboardUID: dashboardUid }), ...(panelId === undefined ? {} : { panelId }) };
  return {
    specificationVersion: 'v1',
    name,
    wants,
    preflight: () => channelFindings(name, [{ path: 'grafana.token', source: token, kind: 'secret' }], allowPrivate, [api]),
    send: (notice, { signal, clock, ref }) =>
      sending(signal, async () => {
        const annotation = annotationOf(notice);
        if (annotation === undefined) return { kind: 'sent' };
        const headers = { 'content-type': 'application/json', authorization: `Bearer ${await secretLine('grafana.token', token)}` };
        const ask = (method: 'POST' | 'PATCH', path: string, body: object): Promise<Reply> =>
          exchange({ url: `${api}${path}`, method, headers, body: JSON.stringify(body), signal, allowPrivate });
        const { moment, body } = annotation;
        if (moment === 'end' && ref !== undefined && isId(ref)) {
          const patched = await ask('PATCH', `/${ref}`, body);
          // One that somebody deleted is made anew.
          if (patched.status !== 404) return deliveryOf(patched, clock);
        }
        const posted = await ask('POST', '', { ...where, ...body, time: Date.parse(notice.at) });
        const delivery: Delivery = deliveryOf(posted, clock);
        return delivery.kind === 'sent' ? { kind: 'sent', ref: idOf(posted) } : delivery;
      }),
  };
}

const isId = (id: string): boolean => /^\d{1,19}$/.test(id);

function idOf({ body }: Reply): string | undefined {
  try {
    const { id } = JSON.parse(body) as { readonly id?: unknown };
    return isId(String(id)) ? String(id) : undefined;
  } catch {
    return undefined;
  }
}
