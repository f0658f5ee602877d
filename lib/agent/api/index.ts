export type { AgentView } from './agent-view';
export { serveApi, type LocalServer, type LocalServerOptions } from './local-server';
export * from './views';
export {
  readWebhooks,
  startWebhooks,
  type Webhook,
  type WebhookFigures,
  type Webhooks,
  type WebhookSettings,
} from './webhooks';
