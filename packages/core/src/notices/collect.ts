import type { RolloutRecord } from '../engine/record.js';
import type { RolloutEvent } from '../events/event.js';
import { noteOf } from '../observers/watchers.js';
import type { NoticeVersion, Notifier } from '../ports/notifier.js';
import type { Revision } from '../words/revision.js';
import { withoutSecrets } from '../words/secrets.js';
import { clean } from './clean.js';
import { noticeOf } from './notice-of.js';
import { added, type Outbox } from './outbox.js';
import { wants } from './routes.js';

const longestMetadata = 300;
const mostImages = 10;

const versionOf = ({ hash, images }: Revision): NoticeVersion => ({ hash, images: images.slice(0, mostImages).map((image) => clean(image, longestMetadata)) });

/** The outbox with what these events are to the notifiers; `record` holds the events. */
export function collect(outbox: Outbox, record: RolloutRecord, events: readonly RolloutEvent[], notifiers: readonly Notifier[]): Outbox {
  const { id, by, request } = record;
  const [app] = record.apps;
  if (notifiers.length === 0) return outbox;
  const notices = events.flatMap((event) => {
    const content = noticeOf(record, event);
    const to = content === undefined ? [] : notifiers.filter((notifier) => wants(notifier.wants, app, content)).map(({ name }) => name);
    return content === undefined || to.length === 0 ? [] : [{ ...content, to: to.map((notifier) => ({ notifier, state: 'pending' as const, attempts: 0 })) }];
  });
  const metadata = Object.fromEntries(
    Object.entries(withoutSecrets(request.metadata ?? {})).map(([key, value]) => [key, clean(String(value), longestMetadata)]),
  );
  const { strategy, from, to } = noteOf(record);
  const versions = { ...(from === undefined ? {} : { from: versionOf(from) }), to: versionOf(to) };
  return added(outbox, id, { app, by: { ...by, name: clean(by.name, longestMetadata) }, metadata, strategy, ...versions }, notices);
}
