import type { Finding } from '@shepherd/core';
import { ruleOf } from '../preflight/rules.js';

declare const __PACKAGE_VERSION__: string;

const page = 'https://github.com/shepherd-sdk/shepherd/blob/main/docs/reference/preflight.md';

interface Source {
  readonly app: string;
  /** Path from the root of the repository. */
  readonly file: string | undefined;
}

/** As a heading of the page is linked: `zd/image-tag` is `#zdimage-tag`. */
export const anchorOf = (id: string): string => id.replaceAll(/[^a-z0-9-]/g, '');

/**
 * Findings as a SARIF 2.1.0 log, for code scanning: rules with help, results with a file and the object. What lives in the cluster alone is shown at the file
 * that says how the app is released, or at a path made of the object. Notes are left out: they are no results. Pure.
 */
export function sarifOf(findings: readonly Finding[], { app, file }: Source): object {
  const results = findings.filter(({ level }) => level !== 'note');
  const ids = [...new Set(results.map(({ id }) => id))].toSorted();
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'shepherd',
            informationUri: 'https://github.com/shepherd-sdk/shepherd',
            semanticVersion: __PACKAGE_VERSION__,
            rules: ids.map((id) => reportingDescriptor(id, results)),
          },
        },
        automationDetails: { id: `shepherd/preflight/${app}` },
        columnKind: 'utf16CodeUnits',
        results: results.map((finding) => resultOf(finding, ids, { app, file })),
      },
    ],
  };
}

function reportingDescriptor(id: string, results: readonly Finding[]): object {
  const { title, why } = ruleOf(id);
  const worst = results.some((finding) => finding.id === id && finding.level === 'error') ? 'error' : 'warning';
  return {
    id,
    name: nameOf(id),
    shortDescription: { text: title },
    fullDescription: { text: why },
    help: { text: why, markdown: `${why}\n\n[${id}](${page}#${anchorOf(id)})` },
    helpUri: `${page}#${anchorOf(id)}`,
    defaultConfiguration: { level: worst },
    properties: { tags: ['kubernetes', ...(id.startsWith('zd/') ? ['zero-downtime'] : ['preflight'])] },
  };
}

/** `zd/image-tag` as `ZdImageTag`. */
const nameOf = (id: string): string =>
  id
    .split(/[^a-z0-9]+/)
    .map((part) => `${part.slice(0, 1).toUpperCase()}${part.slice(1)}`)
    .join('');

function resultOf({ id, level, message, fix, object, path }: Finding, ids: readonly string[], { app, file }: Source): object {
  const where = object ?? `app ${app}`;
  const full = path === undefined ? where : `${where} ${path}`;
  const uri = file ?? `kubernetes/${`${app}/${where}`.toLowerCase().replaceAll(/[^a-z0-9./-]+/g, '-')}.yaml`;
  return {
    ruleId: id,
    ruleIndex: ids.indexOf(id),
    level,
    message: { text: `${message}. To do: ${fix}.` },
    locations: [
      {
        physicalLocation: { artifactLocation: { uri: encodeURI(uri), uriBaseId: '%SRCROOT%' }, region: { startLine: 1 } },
        logicalLocations: [{ name: where, fullyQualifiedName: `${app}/${full}`, kind: 'resource' }],
      },
    ],
    // The same trouble of the same object is one alert, however its message is worded.
    partialFingerprints: { 'shepherd/v1': `${app} ${id} ${full}` },
  };
}
