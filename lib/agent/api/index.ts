export type { AgentView } from './agent-view';
export { serveApi, type LocalServer, type LocalServerOptions } from './local-server';
export { serveRemotely, type RemoteKey, type RemoteServer } from './remote-server';
export { remoteTls } from './remote-tls';
export * from './views';
export {
  readWebhooks,
  startWebhooks,
  type Webhook,
  type WebhookFigures,
  type Webhooks,
  type WebhookSettings,
} from './webhooks';
