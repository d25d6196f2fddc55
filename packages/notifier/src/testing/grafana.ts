import { type Answer, jsonOf, type Service, startService } from './service.js';

/** An annotation as Grafana keeps it. Times in milliseconds since 1970; `timeEnd` equals `time` where it is no region. */
export interface GrafanaAnnotation {
  readonly id: number;
  dashboardUID: string | null;
  panelId: number;
  time: number;
  timeEnd: number;
  tags: readonly string[];
  text: string;
  edits: number;
}

const bad: Answer = { status: 400, body: { message: 'bad request data' } };
const isTags = (tags: unknown): tags is readonly string[] => Array.isArray(tags) && tags.every((tag) => typeof tag === 'string');
const isTime = (time: unknown): time is number => Number.isSafeInteger(time) && (time as number) > 0;

/** The annotations of a Grafana at `/api/annotations`, for every bearer token that begins with `glsa_`. */
export const startGrafana = (): Promise<Service<GrafanaAnnotation>> =>
  startService<GrafanaAnnotation>({
    refuses: { status: 401, body: { message: 'Unauthorized' } },
    take(asked, messages) {
      if (!/^Bearer glsa_\S+$/.test(String(asked.headers.authorization))) return { status: 401, body: { message: 'Invalid API key' } };
      const body = jsonOf(asked);
      if (body === undefined) return bad;
      const [, id] = /^\/api\/annotations(?:\/(\d+))?$/.exec(asked.path) ?? [];
      if (asked.method === 'POST' && asked.path === '/api/annotations') return made(body, messages);
      if (asked.method === 'PATCH' && id !== undefined) return changed(Number(id), body, messages);
      return { status: 404, body: { message: 'Not found' } };
    },
  });

function made(body: NonNullable<ReturnType<typeof jsonOf>>, messages: GrafanaAnnotation[]): Answer {
  const { text, tags = [], time, timeEnd = time, dashboardUID = null, panelId = 0 } = body;
  if (typeof text !== 'string' || text === '') return { status: 400, body: { message: 'Failed to save annotation, error: text field should not be empty' } };
  if (!isTags(tags) || !isTime(time) || !isTime(timeEnd) || typeof panelId !== 'number') return bad;
  const id = messages.length + 1;
  messages.push({ id, dashboardUID: dashboardUID as string | null, panelId, time, timeEnd, tags, text, edits: 0 });
  return { status: 200, body: { message: 'Annotation added', id } };
}

/** Only what is named changes. */
function changed(id: number, { text, tags, time, timeEnd }: NonNullable<ReturnType<typeof jsonOf>>, messages: readonly GrafanaAnnotation[]): Answer {
  const found = messages.find((each) => each.id === id);
  if (found === undefined) return { status: 404, body: { message: 'Annotation not found' } };
  if ((tags !== undefined && !isTags(tags)) || [time, timeEnd].some((each) => each !== undefined && !isTime(each))) return bad;
  if (typeof text === 'string' && text !== '') found.text = text;
  if (isTags(tags)) found.tags = tags;
  if (isTime(time)) found.time = time;
  if (isTime(timeEnd)) found.timeEnd = timeEnd;
  found.edits += 1;
  return { status: 200, body: { message: 'Annotation patched' } };
}
