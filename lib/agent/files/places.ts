/** Where an agent keeps and finds things, unless told otherwise: as a gateway's bootstrap lays them. */
export const places = {
  bundle: '/opt/dwcp/current',
  endpoints: '/opt/dwcp/endpoints.json',
  unseal: '/run/dwcp/unseal',
  runDir: '/run/dwcp',
  stateDir: '/var/lib/dwcp',
  fetchDir: '/var/lib/dwcp-fetch',
  socket: '/run/dwcp/agent.sock',
  metrics: '127.0.0.1:9469',
  home: '/opt/dwcp',
  units: '/etc/systemd/system',
  etc: '/etc/systemd',
  source: '/etc/dwcp/source',
  ssmDir: '/var/lib/dwcp-ssm',
  logsDir: '/var/lib/dwcp-logs',
  logsRunDir: '/run/dwcp-logs',
} as const;
