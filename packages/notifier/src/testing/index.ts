/** The services that notices go to, on loopback, for tests: they answer as the real ones do, and refuse what those would. */
export { type ReceivedCloudEvent, startCdEvents } from './cdevents.js';
export { cdEventIssues } from './cdevents-rules.js';
export { type GrafanaAnnotation, startGrafana } from './grafana.js';
export { type PagerAlert, type PagerChange, startPagerDuty } from './pagerduty.js';
export { type ReceivedWebhook, startReceiver } from './receiver.js';
export { type DiscordMessage, startDiscord, startTeams, type TeamsCard } from './rooms.js';
export type { Asked, Service, Trouble } from './service.js';
export { type SlackMessage, slackHookPath, startSlack } from './slack.js';
