import { names } from '../names.js';
import { selectorText, selects } from '../objects.js';
import { about, aboutDeployment, labelsOf, type Rule } from './subject.js';

/** A selector cannot be changed, and one that catches the pods of others fights for them. */
export const selectorChange: Rule = (subject) => {
  const { deployment, live, manifest, others } = subject;
  const finding = aboutDeployment(subject);
  const [was, wanted] = [live?.spec.selector.matchLabels, manifest?.spec.selector.matchLabels];
  const labels = labelsOf(subject);
  const rivals = others.filter(
    ({ metadata, spec }) =>
      metadata.labels?.[names.track] !== 'candidate' &&
      (selects(spec.selector.matchLabels, labels) || selects(deployment.spec.selector.matchLabels, spec.template.metadata?.labels)),
  );
  return [
    ...(was !== undefined && wanted !== undefined && selectorText(sorted(was)) !== selectorText(sorted(wanted))
      ? [
          finding(
            'selector-change',
            'error',
            `the selector is ${selectorText(was)} and the chart wants ${selectorText(wanted)}: it cannot be changed, and the server refuses the write`,
            'keep the selector, or release under another name',
            'spec.selector',
          ),
        ]
      : []),
    ...rivals.map(({ metadata }) =>
      finding(
        'selector-change',
        'error',
        `its pods are also selected by Deployment ${metadata.name}, or the other way round: the two fight over them`,
        'give each a label of its own in its selector',
        'spec.selector',
      ),
    ),
  ];
};

const sorted = (labels: Readonly<Record<string, string>>) => Object.fromEntries(Object.entries(labels).toSorted(([a], [b]) => (a < b ? -1 : 1)));

/** A Service of that kind sends users to the new version before anybody looked at it. */
export const selectorCatchesBoth: Rule = (subject) => {
  const { apart, services, otherServices } = subject;
  if (apart === undefined) return [];
  const labels = labelsOf(subject);
  return [...services, ...otherServices].flatMap((service) =>
    service.metadata.labels?.[names.preview] === undefined && selects(service.spec.selector, labels) && selects(service.spec.selector, apart)
      ? [
          about(service, 'Service')(
            'selector-catches-both',
            'error',
            `it selects ${selectorText(service.spec.selector)}, which both versions have: users reach the new one before the switch`,
            'select by a label in which the two differ, or name it among the Services of the app',
            'spec.selector',
          ),
        ]
      : [],
  );
};
