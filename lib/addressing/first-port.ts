/** First UDP port that tunnels listen on, WireGuard's own. */
export const firstPort = 51820;
