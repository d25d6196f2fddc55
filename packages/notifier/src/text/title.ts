import type { Notice } from '@shepherd/core';

/** What heads a notice. The services refuse an empty one (Slack `no_text`, PagerDuty's required summary), so one that says nothing is named by what it is about. */
export const titleOf = ({ title, type, app }: Pick<Notice, 'title' | 'type' | 'app'>): string => (title.trim() === '' ? `${app.name}: ${type}` : title);
