// Found from here upward by every command; `--namespace` finds the environment of that namespace.
export default {
  app: 'shepherd',
  namespace: 'production',
  chart: './helm/shepherd',
  prometheus: 'http://prometheus:9090',
  environments: {
    staging: { namespace: 'staging', values: ['helm/shepherd/values-staging.yaml'] },
    production: { namespace: 'production', values: ['helm/shepherd/values-prod.yaml'] },
  },
};
