import { defineConfig } from '@shepherd/cli';

export default defineConfig(({ ci }) => ({
  app: 'web',
  strategy: 'rolling',
  timeout: ci ? '30m' : '1h',
  environments: {
    staging: { context: 'eu', namespace: 'staging' },
    production: {
      context: 'eu',
      namespace: 'shop',
      requireEnv: 'staging',
      windows: [{ name: 'night', kind: 'allow', schedule: '0 2 * * *', duration: '2h', timeZone: 'Europe/Berlin' }],
    },
  },
}));
