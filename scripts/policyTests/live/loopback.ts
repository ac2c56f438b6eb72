/** Whether a server is on this machine, where nobody listens in between (RFC 6761 section 6.3, RFC 1122 section 3.2.1.3). */
export function isLoopback({ hostname }: URL): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127\.\d+\.\d+\.\d+$/.test(hostname);
}
