/** What Gluetun itself listens on inside its namespace: DNS, SOCKS5, pprof, control server, Shadowsocks, HTTP proxy, health. */
const gluetunPorts: ReadonlySet<number> = new Set([53, 1080, 6060, 8000, 8388, 8888, 9999]);

/** Whether a port is taken by the VPN container's own services and so can be no engine's. */
export const isGluetunPort = (port: number, controlPort: number): boolean =>
  port === controlPort || gluetunPorts.has(port);
