// Loaded before a program: in its network `prometheus.internal:443` is the server that PROMETHEUS_AT names, whose certificate is for CERTIFICATE_NAME.
import tls from 'node:tls';

const connect = tls.connect;
tls.connect = (options, ...rest) =>
  options?.host === 'prometheus.internal'
    ? connect({ ...options, host: '127.0.0.1', port: Number(process.env.PROMETHEUS_AT), servername: process.env.CERTIFICATE_NAME }, ...rest)
    : connect(options, ...rest);
