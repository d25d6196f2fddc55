import type { SecretPlace } from './secret-place.js';

interface AnyChannel {
  /** Also addresses of one's own network, and http to loopback. @default false */
  readonly allowPrivate?: boolean | undefined;
}

/** One channel by its kind; the options are those of `@shepherd/notifier`. */
export type ChannelSettings = AnyChannel &
  /** `webhook` alone, or `token` and `channel` of a bot. */
  (
    | {
        readonly kind: 'slack';
        readonly webhook?: SecretPlace | undefined;
        readonly token?: SecretPlace | undefined;
        readonly channel?: string | undefined;
        readonly api?: string | undefined;
      }
    | { readonly kind: 'pagerduty'; readonly routingKey?: SecretPlace | undefined; readonly api?: string | undefined }
    | { readonly kind: 'teams'; readonly webhook: SecretPlace }
    | { readonly kind: 'discord'; readonly webhook: SecretPlace; readonly threadId?: string | undefined }
    | {
        readonly kind: 'webhook';
        readonly url: SecretPlace;
        readonly secrets: SecretPlace | readonly SecretPlace[];
        readonly headers?: Readonly<Record<string, string>> | undefined;
      }
    | {
        readonly kind: 'cdevents';
        readonly url: SecretPlace;
        readonly token?: SecretPlace | undefined;
        readonly mode?: 'binary' | 'structured' | undefined;
        readonly environment?: string | undefined;
      }
    | {
        readonly kind: 'grafana';
        readonly url: string;
        readonly token: SecretPlace;
        readonly dashboardUid?: string | undefined;
        readonly panelId?: number | undefined;
      }
  );

/** Which notices go where; what is left out means all. A notice goes to the channels of every route that fits it. */
export interface RouteSettings {
  readonly channels: readonly string[];
  /** Such as `deploy.failed`, or `incident.*`. */
  readonly types?: readonly string[] | undefined;
  readonly minSeverity?: 'info' | 'warning' | 'error' | 'critical' | undefined;
  /** Names of environments of this config. */
  readonly environments?: readonly string[] | undefined;
  /** `web`, `shop/web` or `eu/shop/web`. */
  readonly apps?: readonly string[] | undefined;
}

/** Who is told what happens. */
export interface NotifySettings {
  /** By name, which the outbox knows a channel by. One that no route names gets everything. */
  readonly channels: Readonly<Record<string, ChannelSettings>>;
  readonly routes?: readonly RouteSettings[] | undefined;
  /** Channels of those who are called: senior engineering, on-call. They get every incident and every rollback that failed, and of everything else only what routes give them. */
  readonly escalation?: readonly string[] | undefined;
}
